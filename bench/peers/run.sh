#!/usr/bin/env bash
# Compares radie with ONNX Runtime, OpenVINO, PyTorch and CTranslate2 on this machine; see docs/performance.md.
#   bench/peers/run.sh [--quick] [--rounds N] [--only NAME,…] [--workloads NAME,…] [--threads N] …     (--help tells all)
#   bench/peers/run.sh --pipeline [--rounds N] [--reports N] …     both stages on reports, against Python
#   bench/peers/run.sh --avx2-only …    either of them, with whatever goes beyond AVX2 hidden from every engine (avx2_only.c)
# Makes build/peers-venv, builds radie, converts one random BERT-base for every engine (build/peers), checks that all agree, and times
# them in turns. RADIE_PYTHON: a Python that has the engines already, used instead of the new build/peers-venv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tools/install_deps.sh
source tools/install_deps.sh

program=compare.py avx2_only=
while true; do
  case ${1:-} in
    --pipeline) program=pipeline.py ;;
    --avx2-only) avx2_only=yes ;;
    *) break ;;
  esac
  shift
done
for argument in "$@"; do
  if [[ $argument == -h || $argument == --help ]]; then
    radie_find_python
    exec "$radie_python" -B bench/peers/$program --help
  fi
done

# peers_venv: sets radie_python. Engines that cannot be installed are named; the others go on.
peers_venv() {
  if [[ -n ${RADIE_PYTHON:-} ]]; then
    radie_python=$RADIE_PYTHON
    return
  fi
  local venv=$PWD/build/peers-venv stamp group
  stamp=$(sha256sum <bench/peers/requirements.txt)
  if [[ ! -x $venv/bin/python || $(cat "$venv/stamp" 2>/dev/null) != "$stamp" ]]; then
    radie_need_venv
    "$radie_python" -m venv "$venv"
    while read -r group; do
      [[ -n $group && $group != \#* ]] || continue
      printf 'Installing %s …\n' "$group" >&2
      # shellcheck disable=SC2086  # a group is a list of words
      "$venv/bin/python" -m pip --disable-pip-version-check --no-input -q install $group >>build/logs/peers-pip.log 2>&1 ||
        printf '  could not be installed: %s\n' "$(tail -n 1 build/logs/peers-pip.log)" >&2
    done <bench/peers/requirements.txt
    printf '%s\n' "$stamp" >"$venv/stamp"
  fi
  radie_python=$venv/bin/python
}

mkdir -p build/logs
peers_venv
printf 'Building radie …\n' >&2
radie_need "${radie_build_packages[@]}"
{ radie_configure release && cmake --build build/release -j "$(radie_jobs)" --target radie_worker radie_command; } >build/logs/peers-build.log 2>&1 ||
  { tail -n 20 build/logs/peers-build.log >&2; radie_die "radie could not be built"; }
if [[ -n $avx2_only ]]; then
  cc -O2 -shared -fPIC -o build/avx2_only.so bench/peers/avx2_only.c
  export LD_PRELOAD=$PWD/build/avx2_only.so
  "$radie_python" -c '' || radie_die "--avx2-only needs an Intel processor that can fault on CPUID"
fi
# An older OpenBLAS of some host may have been told its processor: engines must choose for themselves.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
export PYTHONPATH=$PWD/weights_converter${PYTHONPATH:+:$PYTHONPATH}
exec "$radie_python" bench/peers/$program "$@"
