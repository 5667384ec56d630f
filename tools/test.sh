#!/usr/bin/env bash
# Installs what is missing, builds, runs the tests; the last line is the sum of all of them.
#
#   tools/test.sh          Release build and its tests
#   tools/test.sh --all    adds PyTorch parity, the converter's own tests, static checks (tools/lint.sh), Clang with warnings as
#                          errors, ASan and UBSan, TSan (tests that use threads), and a separate project built against the
#                          installed tree; the fuzz corpora are replayed with sanitizers, too
#   tools/test.sh --full   adds to --all Clang's optimised build and a Debug build with assertions (in both every file is compiled by
#                          itself), TSan on every test, one short pass of each benchmark,
#                          two builds compared byte for byte, the Python package's wheel with its tests, Spark and Ray, the
#                          examples in Java, Node and C#, FHIR validators, a bulk run killed fifty times, a soak of 50,000
#                          reports, radie serve under load and against its OpenAPI description, the library for Windows under
#                          wine and for aarch64 under qemu, 20 seconds of every fuzz target, and a look at the HTML pages in
#                          a Chromium
#   tools/test.sh --long   the default, then only what --full adds to --all (but for TSan); where --all has run already
#
# Everything goes into build/; logs into build/logs/. Environment: RADIE_PYTHON, a Python that already has what
# tools/requirements.txt lists, to be used instead of a new build/venv; RADIE_SCALE_REPORTS, reports of the job on a Spark
# cluster (20000).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/install_deps.sh
source tools/install_deps.sh

usage() { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p;}' "$0"; }

tier=default
case ${1:-default} in
  default) ;;
  --all) tier=all ;;
  --full) tier=full ;;
  --long) tier=long ;;
  -h | --help) usage && exit 0 ;;
  *) usage >&2 && exit 2 ;;
esac
[[ $# -le 1 ]] || { usage >&2; exit 2; }

passed=0 failed=0 skipped=0
begin=$SECONDS
mkdir -p build/logs
jobs=$(radie_jobs)

# step NAME COMMAND…: runs it, keeps its output in build/logs/NAME.log (and shows it as it comes on a terminal), prints
# how long it took. Returns the command's status; the end of the log is shown when that is not 0.
step() {
  local name=$1 start=$SECONDS status=0 verdict="done"
  shift
  log=build/logs/${name//[^A-Za-z0-9+-]/_}.log
  printf '== %s\n' "$name"
  if [[ -t 1 ]]; then
    "$@" 2>&1 | tee "$log" || status=$?
  else
    "$@" >"$log" 2>&1 || status=$?
    [[ $status -eq 0 ]] || tail -n 100 "$log"
  fi
  [[ $status -eq 0 ]] || verdict="FAILED ($log)"
  printf '   %s: %s, %d s\n' "$name" "$verdict" $((SECONDS - start))
  return $status
}

# check NAME COMMAND…: a step that is one test.
check() {
  if step "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

# build NAME PRESET FOLDER [CONFIGURE_ARGUMENT…]: of `targets` only where that names some. A failure counts as one failed test,
# and the tests of that build are left out.
targets=()
build() {
  local name=$1 preset=$2 folder=$3
  shift 3
  configure_and_build() {
    radie_configure "$preset" -B "$folder" "$@" &&
      "${run_with[@]}" cmake --build "$folder" -j "$jobs" ${targets[0]:+--target "${targets[@]}"}
  }
  step "$name" configure_and_build "$@" && return
  failed=$((failed + 1))
  return 1
}

# ctest_step NAME FOLDER [CTEST_ARGUMENT…]: adds ctest's figures to the sum.
ctest_step() {
  local name=$1 folder=$2 status=0 lost total not_run cases
  shift 2
  step "$name" "${run_with[@]}" ctest --test-dir "$folder" --output-on-failure --no-tests=error --timeout 900 -j "$jobs" "$@" || status=$?
  # "98% tests passed, 2 tests failed out of 100"; a skipped test is among those that passed.
  if read -r lost total < <(sed -nE 's/^[0-9]+% tests passed, ([0-9]+) tests? failed out of ([0-9]+)$/\1 \2/p' "$log"); then
    not_run=$(grep -cE '^[[:space:]]*[0-9]+ - .*\((Skipped|Disabled)\)$' "$log" || true)
    # Of a test of many cases that passed, what it skipped (tests/tools/run_cases.py): in ctest's own log only.
    cases=$(grep -c '^skipped case: ' "$folder/Testing/Temporary/LastTest.log" || true)
    printf '   %s: %d tests, %d failed, %d skipped; %d cases skipped in others\n' "$name" "$total" "$lost" "$not_run" "$cases"
    sed -n 's/^skipped case: /      skipped: /p' "$folder/Testing/Temporary/LastTest.log"
    passed=$((passed + total - lost - not_run)) failed=$((failed + lost)) skipped=$((skipped + not_run + cases))
    [[ $status -eq 0 || $lost -gt 0 ]] || failed=$((failed + 1))
  else
    failed=$((failed + 1))
  fi
}

# pytest_step NAME ARGUMENT…: adds pytest's figures to the sum.
pytest_step() {
  local name=$1 status=0 summary word count
  shift
  step "$name" "$radie_python" -m pytest -q -rs -p no:cacheprovider "$@" || status=$?
  summary=$(grep -E '[0-9]+ (passed|failed|errors?|skipped)' "$log" | tail -n 1 || true)
  local lost=0
  while read -r count word; do
    case $word in
      passed) passed=$((passed + count)) ;;
      failed | error | errors) lost=$((lost + count)) ;;
      skipped) skipped=$((skipped + count)) ;;
    esac
  done < <(grep -oE '[0-9]+ (passed|failed|errors?|skipped)' <<<"$summary" || true)
  printf '   %s: %s\n' "$name" "${summary:-no test ran}"
  [[ $status -eq 0 || $lost -gt 0 ]] || lost=1
  failed=$((failed + lost))
}

# platform_step NAME SCRIPT: adds the figures of tools/build_windows.sh or tools/build_aarch64.sh to the sum.
platform_step() {
  local name=$1 script=$2 status=0 won lost left summary
  build_platform() { "$script" || [[ $? -eq 77 ]]; }
  step "$name" build_platform || status=$?
  summary=$(tail -n 1 "$log")
  printf '   %s: %s\n' "$name" "$summary"
  if [[ $status -eq 0 && $summary == skipped:* ]]; then
    skipped=$((skipped + 1))
  elif read -r won lost left < <(sed -nE 's/^([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' <<<"$summary"); then
    passed=$((passed + won)) failed=$((failed + lost)) skipped=$((skipped + left))
    [[ $status -eq 0 || $lost -gt 0 ]] || failed=$((failed + 1))
  else
    failed=$((failed + 1))
  fi
}

# Sanitizers want their shadow memory where newer kernels may have put the program: without randomised addresses there is room.
run_with=()
without_randomised_addresses() {
  if setarch "$(uname -m)" -R true 2>/dev/null; then run_with=(setarch "$(uname -m)" -R); fi
}

default_tier() {
  if build "Release build" release build/release; then
    ctest_step "Release tests" build/release -LE slow
  fi
}

all_tier() {
  check "Install consumer" bash tests/install_consumer/run.sh build/release
  check "C interface against its baseline" "$radie_python" -B tests/capi/abi.py
  if step "Python environment" radie_venv; then
    radie_venv  # once more in this shell: on a terminal a step runs in a shell of its own
    pytest_step "Converter tests" weights_converter
    local script name
    for script in tests/parity/*.py; do
      [[ ! -f $script ]] || check "Parity $(basename "$script" .py)" "$radie_python" -B "$script" build/release/bin/radie
    done
    while read -r name; do
      check "Static check $name" tools/lint.sh "$name"
    done < <(tools/lint.sh --names)
  else
    failed=$((failed + 1))
  fi
  without_randomised_addresses
  if build "Clang 14, ASan + UBSan: build" asan-ubsan build/clang-asan-ubsan; then
    ctest_step "Clang 14, ASan + UBSan: tests" build/clang-asan-ubsan -LE slow
  fi
  local which=()
  if [[ $tier == all ]]; then  # the programs that have such tests
    which=(-R '[Tt]hread|[Dd]etermin|[Cc]oncurr|[Pp]arallel|[Bb]atch|[Pp]ool')
    targets=(base_tests kernels_tests nn_tests pack_tests heads_tests tokenize_tests extract_tests c_api_test)
  fi
  if build "TSan build" tsan build/tsan; then
    ctest_step "TSan tests" build/tsan -LE slow "${which[@]}"
  fi
  run_with=() targets=()
}

full_tier() {
  if build "Clang 14 build" release build/clang -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14 -DCMAKE_UNITY_BUILD=OFF; then
    ctest_step "Clang 14 tests" build/clang -LE slow
  fi
  if build "Debug build" debug build/debug -DCMAKE_UNITY_BUILD=OFF; then
    ctest_step "Debug tests" build/debug -LE slow
  fi
  # Whether they run at all: without the sizes that take minutes.
  local program large='-(s256|s512|b16_s128|ragged_64|t500|p100|/1024)'
  for program in build/release/bin/*bench*; do
    [[ ! -x $program ]] ||
      check "Benchmark $(basename "$program")" "$program" --benchmark_min_time=0.001 --benchmark_filter="$large"
  done
  check "Reproducible build" bash tests/package/reproducible.sh build/reproducible
  check "Hosts in other languages" "$radie_python" -B tests/hosts/hosts.py build/release
  check "FHIR validators" bash tests/exchange/fhir_validators.sh build/release "$radie_python"
  if step "Python wheel" tools/build_wheel.sh; then
    radie_python=build/python/venv/bin/python RADIE_WHEEL=$(echo build/python/wheelhouse/*.whl) \
      pytest_step "Python package tests" tests/python
    check "Spark and Ray" bash tests/scale/run.sh build/release/bin/radie build/python/wheelhouse/*.whl --reports "${RADIE_SCALE_REPORTS:-20000}"
  else
    failed=$((failed + 1))
  fi
  ctest_step "Fifty kills, each resumed" build/release -R '^tools\.resume_many_kills$'
  check "Soak, 50,000 reports" tools/soak.sh 50000
  check "radie serve under load" "$radie_python" -B tests/load/load.py build/release/bin/radie
  check "radie serve against its OpenAPI description" bash tests/load/openapi.sh build/release/bin/radie "$radie_python"
  platform_step "Windows under wine" tools/build_windows.sh
  platform_step "aarch64 under qemu" tools/build_aarch64.sh
  check "Fuzz targets, 20 s each" tools/fuzz.sh --seconds 20
  local browser
  browser=$(radie_browser)
  check "HTML page in a browser" "$radie_python" -B tests/browser/page_layout.py build/release/bin/radie "$browser"
  check "Page of radie serve in a browser" "$radie_python" -B tests/browser/serve_page.py build/release/bin/radie "$browser" build/logs/serve_page
}

radie_need "${radie_build_packages[@]}"
radie_find_python
if [[ $tier != default ]]; then
  radie_need "${radie_all_packages[@]}"
  radie_need_venv
fi
if [[ $tier == full || $tier == long ]]; then
  radie_need "${radie_full_packages[@]}"
  radie_need_node
  radie_browser >/dev/null || radie_need chromium
fi

default_tier
case $tier in
  all) all_tier ;;
  full)
    all_tier
    full_tier
    ;;
  long)
    if step "Python environment" radie_venv; then radie_venv; else failed=$((failed + 1)); fi
    full_tier
    ;;
esac

printf '== %s tier: %d min %d s\n' "$tier" $(((SECONDS - begin) / 60)) $(((SECONDS - begin) % 60))
printf '%d passed, %d failed%s\n' $passed $failed "$([[ $skipped -eq 0 ]] || printf ', %d skipped' $skipped)"
[[ $failed -eq 0 && $passed -gt 0 ]]
