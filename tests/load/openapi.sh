#!/usr/bin/env bash
# radie serve against its own OpenAPI description: schemathesis finds no 5xx, no answer that is not described, no valid request
# refused and no invalid one taken.
#
#   openapi.sh RADIE PYTHON      PYTHON makes build/serve_venv, in which schemathesis is installed from PyPI
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
radie=$1 python=$2 venv=build/serve_venv package=schemathesis==4.32.5

if [[ $(cat "$venv/stamp" 2>/dev/null) != "$package" ]]; then
  "$python" -m venv --clear "$venv"
  "$venv/bin/python" -m pip --disable-pip-version-check --no-input -q install "$package"
  printf '%s\n' "$package" >"$venv/stamp"
fi

work=$(mktemp -d)
server=
trap '[[ -z $server ]] || kill "$server"; rm -rf "$work"' EXIT
"$radie" serve --port 0 2>"$work/log" &
server=$!
until grep -q '"event":"listening"' "$work/log"; do
  kill -0 "$server" || { cat "$work/log"; exit 1; }
  sleep 0.1
done
port=$(sed -n 's/.*"port":\([0-9]*\).*/\1/p' "$work/log" | head -n 1)
cd "$work"
SCHEMATHESIS_HOOKS=openapi_hooks PYTHONPATH=$OLDPWD/tests/load "$OLDPWD/$venv/bin/schemathesis" run "http://127.0.0.1:$port/openapi.json" \
  --checks all --max-examples "${RADIE_EXAMPLES:-200}" --seed 1 --generation-database none --no-color
kill "$server"
wait "$server"
server=
! grep -q '"status":5' "$work/log"
