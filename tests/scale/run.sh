#!/usr/bin/env bash
# radie.spark and radie.ray: their tests, a cluster that loses an executor, and figures. Makes build/scale/venv with the
# wheel, pyspark and ray (half a GB); needs a Java 17.
#
#   tests/scale/run.sh RADIE WHEEL [--reports N]   N: of the cluster's job, 20000 unless told; the rest goes with it
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
[[ $# -eq 2 || ($# -eq 4 && $3 == --reports && $4 =~ ^[1-9][0-9]*$) ]] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
radie=$1 wheel=$2 reports=${4:-20000}
here=tests/scale work=build/scale venv=build/scale/venv

stamp=$(sha256sum <"$here/requirements.txt")
pip=("$venv/bin/python" -m pip --disable-pip-version-check --no-input -q)
if [[ ! -x $venv/bin/python || $(cat "$venv/stamp" 2>/dev/null) != "$stamp" ]]; then
  mkdir -p "$work"
  base=build/python/venv/bin/python  # the one that the wheel was built for
  [[ -x $base ]] || base=${RADIE_PYTHON:-python3}
  "$base" -m venv --clear "$venv"
  "${pip[@]}" install -r "$here/requirements.txt"
  printf '%s\n' "$stamp" >"$venv/stamp"
fi
"${pip[@]}" install --no-deps --force-reinstall "$wheel"

python=$venv/bin/python settings=libradie/python/pyproject.toml
# Here pyspark's types are known, where the package's own tests take all of it as Any.
"$python" -m mypy --config-file "$settings" -p radie.spark -p radie.ray
MYPYPATH=$here "$python" -m mypy --config-file "$settings" "$here"/*.py
"$python" -m ruff check --no-cache --config "$settings" "$here"
"$python" -m ruff format --no-cache --check --config "$settings" "$here"
RADIE_COMMAND=$(realpath "$radie") "$python" -B -m pytest -q -p no:cacheprovider -W ignore::DeprecationWarning "$here"
"$python" -B "$here/cluster.py" "$radie" --reports "$reports" --distinct $((reports / 10 + 1))
"$python" -B "$here/throughput.py" "$radie" --reports $((reports / 20 + 16)) --repeated $((reports / 5 + 16))
