#!/usr/bin/env bash
# Builds radie with the compilers and libraries of Debian 13, GCC 14 and Clang 19, and runs the library's own tests, in a Debian 13
# that is unpacked into build/debian13/root; nothing of it is installed. The last line is the sum.
#
#   tools/build_debian13.sh [gcc|clang]    both, or one
#
# Takes root, or a kernel that gives its users namespaces. Ends with 77 when the packages cannot be had.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/install_deps.sh
source tools/install_deps.sh
# shellcheck source=tools/foreign_platform.sh
source tools/foreign_platform.sh

jobs=$(radie_jobs)
platform=debian13 root=$PWD/build/debian13/root
programs=(base_tests text_tests tokenize_tests model_tests kernels_tests nn_tests heads_tests extract_tests c_api_test
  certainty_tests eval_tests exchange_test terms_tests tools_tests write_tests)
case ${1:-both} in
  both) compilers=(gcc clang) ;;
  gcc | clang) compilers=("$1") ;;
  *) radie_die "usage: tools/build_debian13.sh [gcc|clang]" ;;
esac

# in_debian13 COMMAND…: in the root, where this checkout lies where it lies here.
in_debian13() {
  mkdir -p "$root$PWD" "$root/dev" "$root/proc" "$root/tmp" "$root/sys"
  # shellcheck disable=SC2016  # for the inner shell
  unshare -rm bash -c '
    root=$1 here=$2
    shift 2
    mount --bind "$here" "$root$here" && mount --rbind /dev "$root/dev" && mount --rbind /proc "$root/proc" &&
      mount --rbind /sys "$root/sys" && exec chroot "$root" /usr/bin/env -i PATH=/usr/bin:/usr/sbin LC_ALL=C.UTF-8 \
      RADIE_ISA="${RADIE_ISA:-}" /usr/bin/bash -c "cd \"\$0\" && exec \"\$@\"" "$here" "$@"' - "$root" "$PWD" "$@"
}
run_program() { in_debian13 timeout 900 "$@"; }

debian13_root() {
  local package packages=(bash coreutils dash libc-bin sed grep findutils cmake ninja-build pkg-config g++-14 clang-19 python3 mecab-ipadic)
  for package in "${radie_build_packages[@]}"; do
    [[ $package != *-dev ]] || packages+=("$package")
  done
  unpack_packages "$root" "$(dpkg --print-architecture)" trixie "${packages[@]}" || return 1
  [[ -e $root/usr/bin/sh ]] || ln -s dash "$root/usr/bin/sh"
}

# configure COMPILER
configure() {
  local c=gcc-14 cxx=g++-14
  [[ $1 == gcc ]] || c=clang-19 cxx=clang++-19
  in_debian13 cmake --preset release -B "$tree" -DCMAKE_C_COMPILER=$c -DCMAKE_CXX_COMPILER=$cxx \
    -DRADIE_BUILD_BENCH=OFF -DCMAKE_GTEST_DISCOVER_TESTS_DISCOVERY_MODE=PRE_TEST
}

unshare -rm true 2>/dev/null || skip "this kernel gives no namespaces"
debian13_root >build/logs/debian13-root.log 2>&1 || skip "no packages of Debian 13 (build/logs/debian13-root.log)"
for compiler in "${compilers[@]}"; do
  tree=build/debian13/$compiler
  must "configure for $compiler" configure "$compiler"
  must "build with $compiler" in_debian13 cmake --build "$tree" -j "$jobs" -- -k 0
  for program in "${programs[@]}"; do
    unit_tests "$program"
  done
done
sum
