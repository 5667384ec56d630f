#!/usr/bin/env bash
# One `radie extract` process over very many made reports (tests/soak/soak.py): every one accounted for, memory and rate that stay.
#
#   tools/soak.sh [REPORTS] [ARGUMENT…]   1,000,000 reports unless told, on one thread: some hours; arguments are soak.py's
#
# Builds what is missing. Prints the table of docs/reliability.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/install_deps.sh
source tools/install_deps.sh

reports=${1:-1000000}
[[ $reports =~ ^[0-9]+$ ]] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
if [[ ! -x build/release/bin/radie ]]; then
  radie_need "${radie_build_packages[@]}"
  radie_configure release
  cmake --build build/release -j "$(radie_jobs)" --target radie_command
fi
radie_find_python
printf '%s, %s, %s\n' "$(date -u +%F)" "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)" "load $(cut -d ' ' -f 1 /proc/loadavg) at the start"
exec "$radie_python" -B tests/soak/soak.py build/release/bin/radie --reports "$reports" "${@:2}"
