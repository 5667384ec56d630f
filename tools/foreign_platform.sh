# shellcheck shell=bash
# Sourced by build_windows.sh, build_aarch64.sh and build_debian13.sh: steps, tests and their sum where programs are another
# platform's, and Debian packages that are unpacked instead of installed. Expects the repository root as the current folder,
# $platform (a word, for logs), $tree (the build for it) and run_program PROGRAM ARGUMENT…, which runs one there.

passed=0 failed=0 skipped=0
mkdir -p build/logs

# skip WHY: ends the script: what it needs is not to be had.
skip() {
  printf 'skipped: %s\n' "$1"
  exit 77
}

# unpack_packages ROOT ARCHITECTURE SUITE PACKAGE…: these packages and all that they depend on, of that architecture and that
# suite of Debian (bookworm, …), from where the system's own packages come, into the folder ROOT. Nothing is installed and none
# of the packages' scripts is run. What was unpacked before for the same request stays.
unpack_packages() {
  local root=$1 architecture=$2 suite=$3 stamp state=$1-apt package
  shift 3
  stamp="$architecture $suite $*"
  [[ $(cat "$root/stamp" 2>/dev/null) != "$stamp" ]] || return 0
  rm -rf "$root" "$state"
  mkdir -p "$state"/{sources,lists/partial,archives/partial} "$root"/usr/{bin,sbin,lib,lib64}
  ln -s usr/bin usr/sbin usr/lib usr/lib64 "$root"
  : >"$state/status"  # a system on which nothing is installed
  printf 'deb %s %s main\n' "$(debian_mirror)" "$suite" >"$state/sources/debian.list"
  local apt=(apt-get -q -y -o APT::Architecture="$architecture" -o APT::Architectures::="$architecture"
    -o APT::Install-Recommends=0 -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$state/sources"
    -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state" -o Debug::NoLocking=1
    -o Acquire::Retries=3)
  "${apt[@]}" update && "${apt[@]}" install --download-only "$@" || return 1
  for package in "$state"/archives/*.deb; do dpkg-deb -x "$package" "$root" || return 1; done
  rm -rf "$state"
  printf '%s\n' "$stamp" >"$root/stamp"
}

# debian_mirror: prints where the system's own packages come from.
debian_mirror() {
  # shellcheck disable=SC2016  # apt-get's own variable
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' | grep -v security | head -n 1
}

# must NAME COMMAND…: a step without which there is no next; its output goes to a log.
must() {
  # shellcheck disable=SC2154  # platform, and tree below, are set by who sources this
  local name=$1 status=0 log=build/logs/$platform-${1//[^A-Za-z0-9]/_}.log
  shift
  printf -- '-- %s\n' "$name"
  set +e
  (set -e; "$@") >"$log" 2>&1
  status=$?
  set -e
  [[ $status -ne 0 ]] || return 0
  tail -n 50 "$log"
  printf 'FAILED: %s (%s)\n0 passed, 1 failed, 0 skipped\n' "$name" "$log"
  exit 1
}

# check NAME COMMAND…: one test.
check() {
  local name=$1 log=build/logs/$platform-test.log
  shift
  if "$@" >"$log" 2>&1; then
    passed=$((passed + 1))
    printf '   %s: passed\n' "$name"
  else
    failed=$((failed + 1))
    tail -n 50 "$log"
    printf '   %s: FAILED\n' "$name"
  fi
}

# unit_tests NAME [ARGUMENT…]: a program of GoogleTest; adds its figures to the sum.
unit_tests() {
  local name=$1 status=0 lost ran left log=build/logs/$platform-$1.log
  shift
  # shellcheck disable=SC2154  # tree is set by who sources this
  run_program "$tree/bin/$name" --gtest_brief=1 "$@" >"$log" 2>&1 || status=$?
  count() { sed -nE "s/^\[ *$1 *\] ([0-9]+) tests?[.,].*/\1/p" "$log" | tr -d '\r' | head -n 1; }
  ran=$(count PASSED) lost=$(count FAILED) left=$(count SKIPPED)
  [[ $status -eq 0 || ${lost:-0} -gt 0 ]] || lost=1  # it did not come to its end
  passed=$((passed + ${ran:-0})) failed=$((failed + ${lost:-0})) skipped=$((skipped + ${left:-0}))
  printf '   %s: %d passed, %d failed, %d skipped\n' "$name" "${ran:-0}" "${lost:-0}" "${left:-0}"
  [[ ${lost:-0} -eq 0 ]] || grep -aE '^\[ *FAILED|Failure$|error' "$log" | head -n 40
}

# sum: prints the sum; its status is whether all is well.
sum() {
  printf '%d passed, %d failed, %d skipped\n' $passed $failed $skipped
  [[ $failed -eq 0 && $passed -gt 0 ]]
}
