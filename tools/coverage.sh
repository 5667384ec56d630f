#!/usr/bin/env bash
# Lines of libradie that the tests and the fuzz corpora run, by room: Clang's source-based coverage.
#
#   tools/coverage.sh [CTEST_ARGUMENT…]   builds build/coverage, runs its tests, prints the table; status 1 below 90 % of all lines
#
# build/coverage/html has the lines themselves. RADIE_JOBS=N: compilers and tests at once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/install_deps.sh
source tools/install_deps.sh

readonly least=90 folder=build/coverage
radie_need "${radie_build_packages[@]}" clang-14 llvm-14
radie_find_python
mkdir -p build/logs
jobs=${RADIE_JOBS:-$(radie_jobs)}

flags='-fprofile-instr-generate -fcoverage-mapping'
printf 'Building (log: build/logs/coverage_build.log)\n'
if ! { radie_configure debug -B $folder -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14 -DCMAKE_CXX_FLAGS_DEBUG='-O1 -g1' \
  -DCMAKE_C_FLAGS="$flags" -DCMAKE_CXX_FLAGS="$flags" && cmake --build $folder -j "$jobs"; } >build/logs/coverage_build.log 2>&1; then
  tail -n 40 build/logs/coverage_build.log >&2
  radie_die "the coverage build failed"
fi

# A few files that programs of one name merge into: as many tests run at once write to as many of them.
rm -rf $folder/profiles
export LLVM_PROFILE_FILE=$PWD/$folder/profiles/%4m.profraw
printf 'Running the tests (log: build/logs/coverage_tests.log)\n'
ctest --test-dir $folder --timeout 900 -j "$jobs" -LE slow "$@" >build/logs/coverage_tests.log 2>&1 ||
  printf 'some tests failed: what they ran counts all the same\n'
unset LLVM_PROFILE_FILE
llvm-profdata-14 merge -sparse $folder/profiles/*.profraw -o $folder/all.profdata

# Every test program holds the rooms it links; together they hold all.
programs=()
for program in "$folder"/bin/*; do
  [[ ! -f $program || ! -x $program ]] || programs+=("${programs[0]:+--object=}$program")
done
llvm-cov-14 export -summary-only -instr-profile $folder/all.profdata "${programs[@]}" >$folder/summary.json 2>build/logs/coverage_export.log
llvm-cov-14 show -format html -output-dir $folder/html -instr-profile $folder/all.profdata "${programs[@]}" libradie include \
  >>build/logs/coverage_export.log 2>&1
"$radie_python" -B tools/coverage_by_room.py $folder/summary.json "$least"
