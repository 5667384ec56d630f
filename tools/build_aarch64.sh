#!/usr/bin/env bash
# Builds radie for Linux on aarch64 with Debian's cross compiler and tests it under qemu: the library's own tests, the C example,
# and what the command finds in the sample reports against what the x86-64 build finds. The last line is the sum.
#
#   tools/build_aarch64.sh
#
# aarch64's packages are unpacked into build/aarch64/root; nothing of them is installed. Ends with 77 when the packages cannot
# be had. qemu says whether results are right, not how fast they come.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/install_deps.sh
source tools/install_deps.sh
# shellcheck source=tools/foreign_platform.sh
source tools/foreign_platform.sh

jobs=$(radie_jobs)
platform=aarch64 release=build/release root=$PWD/build/aarch64/root tree=build/aarch64/tree out=build/aarch64/out
demo=weights_converter/demo/demo.radie report=examples/reports/01_chest_nodule.txt
programs=(base_tests text_tests tokenize_tests model_tests kernels_tests nn_tests heads_tests extract_tests c_api_test
  certainty_tests eval_tests exchange_test terms_tests write_tests)
mkdir -p "$out"

run_program() { RADIE_ISA=${RADIE_ISA:-} timeout 1800 qemu-aarch64 -L "$root" "$@"; }

# aarch64_root: the libraries that radie is built with, for aarch64.
aarch64_root() {
  local package libraries=(libstdc++-12-dev)
  for package in "${radie_build_packages[@]}"; do
    [[ $package != *-dev ]] || libraries+=("$package")
  done
  unpack_packages "$root" arm64 bookworm "${libraries[@]}"
}

aarch64_configure() {
  local launcher=
  ! command -v ccache >/dev/null || launcher=ccache
  cmake --preset release -B "$tree" -DCMAKE_TOOLCHAIN_FILE="$PWD/tools/aarch64/toolchain.cmake" -DRADIE_AARCH64_ROOT="$root" \
    -DCMAKE_CXX_COMPILER_LAUNCHER=$launcher -DRADIE_BUILD_BENCH=OFF -DCMAKE_GTEST_DISCOVER_TESTS_DISCOVERY_MODE=PRE_TEST
}

# decisions RADIE…: what a build of the command finds in the sample reports, a JSON line each, without its numbers: sums may be
# rounded in another order there.
decisions() { "$@" extract --model "$demo" --isa portable examples/reports | sed -E 's/"(confidence|probability)":[0-9.e-]+,?//g'; }

same_decisions() {
  decisions "$release/bin/radie" >"$out/x86-64.jsonl"
  decisions run_program "$tree/bin/radie" >"$out/aarch64.jsonl"
  [[ -s $out/x86-64.jsonl ]] && diff "$out/x86-64.jsonl" "$out/aarch64.jsonl"
}

same_example() {
  "$release/bin/c_example" "$demo" "$report" >"$out/x86-64.txt" &&
    run_program "$tree/bin/c_example" "$demo" "$report" >"$out/aarch64.txt" && diff "$out/x86-64.txt" "$out/aarch64.txt"
}

# ---- what it takes ----
(radie_need "${radie_build_packages[@]}" g++-aarch64-linux-gnu qemu-user) || skip "the packages cannot be installed"
for tool in aarch64-linux-gnu-g++ qemu-aarch64; do
  command -v "$tool" >/dev/null || skip "there is no $tool"
done
aarch64_root >build/logs/aarch64-root.log 2>&1 || skip "no packages of aarch64 (build/logs/aarch64-root.log)"

# ---- building ----
must "Linux build to compare with" radie_configure release -B "$release"
must "Linux programs" cmake --build "$release" -j "$jobs" --target radie_command c_example
must "configure for aarch64" aarch64_configure
must "build for aarch64" cmake --build "$tree" -j "$jobs"

# ---- testing ----
printf -- '-- tests under qemu\n'
check "decisions are those of x86-64, sample reports" same_decisions
check "C example prints what it prints on x86-64" same_example
# Without what takes an hour here and minutes of a processor of its own, and without a child of fork() that starts threads: there
# qemu 7.2 fails an assertion of its own.
left_out='*HostileModel*:*RandomUnicode*:*ManyThreads*:CachedExtraction.SameBits*:*NeitherChanges*:Fork.*'
for program in "${programs[@]}"; do
  unit_tests "$program" --gtest_filter="-$left_out"
done
sum
