#!/usr/bin/env bash
# Trains the bundled demo model again, from nothing but the invented reports in weights_converter/corpus (seeded; on a GPU where PyTorch finds one).
#   tools/train_demo.sh [OUTPUT] [OPTION…]     OUTPUT: build/demo/demo.radie unless given; OPTION: see radie_train.demo --help
# A run that was cut off goes on where it stood; remove build/demo/work to start anew. Environment: RADIE_PYTHON, as in test.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/install_deps.sh
source tools/install_deps.sh

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  sed -n '2,4s/^# //p' "$0"
  exit 0
fi
output=build/demo/demo.radie
if [[ $# -gt 0 && $1 != -* ]]; then
  output=$1
  shift
fi

radie_need_venv
printf 'Preparing Python with PyTorch …\n'
radie_venv
mkdir -p build/demo
PYTHONPATH=$PWD/weights_converter${PYTHONPATH:+:$PYTHONPATH} "$radie_python" -m radie_train.demo \
  --corpus weights_converter/corpus --output "$output" --work build/demo/work "$@"
printf 'The model is %s. To bundle it: cp %s weights_converter/demo/demo.radie\n' "$output" "$output"
