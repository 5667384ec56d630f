#!/usr/bin/env bash
# From a bare Debian 12 to findings: installs what is missing, builds the command (Release), extracts the bundled sample reports.
# Leaves the command at build/release/bin/radie. Run again, it takes seconds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/install_deps.sh
source tools/install_deps.sh

if [[ $# -gt 0 ]]; then
  sed -n '2,3s/^# //p' "$0"
  [[ $1 == -h || $1 == --help ]] && exit 0 || exit 2
fi

radie_need "${radie_build_packages[@]}"
mkdir -p build/logs

# The same preset as tools/test.sh, so that neither script makes the other build again; only the command is built here.
printf 'Building build/release/bin/radie …\n'
start=$SECONDS
if ! { radie_configure release && cmake --build build/release --target bin/radie -j "$(radie_jobs)"; } \
  >build/logs/quickstart.log 2>&1; then
  tail -n 40 build/logs/quickstart.log >&2
  radie_die "the build failed (whole log: build/logs/quickstart.log)"
fi
printf 'Built in %d s.\n\n' $((SECONDS - start))

build/release/bin/radie extract --format table examples/reports/*.txt

cat <<'END'

Now with a report of your own:
  build/release/bin/radie extract report.txt
  build/release/bin/radie extract --format jsonl report.txt     # a JSON record; docs/output.md
  build/release/bin/radie --help
END
