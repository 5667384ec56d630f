# shellcheck shell=bash
# Sourced by build_windows.sh and build_aarch64.sh: steps, tests and their sum where programs run in an emulator of another
# platform. Expects the repository root as the current folder, $platform (a word, for logs), $tree (the build for it) and
# run_program PROGRAM ARGUMENT…, which runs one there.

passed=0 failed=0 skipped=0
mkdir -p build/logs

# skip WHY: ends the script: what it needs is not to be had.
skip() {
  printf 'skipped: %s\n' "$1"
  exit 77
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

# unit_tests NAME: a program of GoogleTest; adds its figures to the sum.
unit_tests() {
  local name=$1 status=0 lost ran left log=build/logs/$platform-$1.log
  # shellcheck disable=SC2154
  run_program "$tree/bin/$name" --gtest_brief=1 >"$log" 2>&1 || status=$?
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
