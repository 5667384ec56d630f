#!/usr/bin/env bash
# Builds radie for 64-bit Windows with Debian's mingw-w64 and tests it under wine: what radie_c.dll shows and needs, programs
# in C and C++, their output against that of the Linux build, and the library's own tests. The last line is the sum.
#
#   tools/build_windows.sh
#
# build/windows/radie/ is what can be taken to Windows (docs/windows.md). Ends with 77 when the packages it needs cannot be had.
# Environment: RADIE_ICU_SOURCE, the folder source/ of ICU, of the installed libicu-dev's version, to be used instead of
# Debian's source package.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/install_deps.sh
source tools/install_deps.sh
# shellcheck source=tools/foreign_platform.sh
source tools/foreign_platform.sh
# shellcheck source=tools/windows/dependencies.sh
source tools/windows/dependencies.sh

jobs=$(radie_jobs)
platform=windows release=build/release tree=build/windows/tree radie=build/windows/radie out=build/windows/out
demo=weights_converter/demo/demo.radie report=examples/reports/01_chest_nodule.txt
# The tests of the rooms that meet the system, the compiler or ICU; the others' are for any system alike.
programs=(base_tests text_tests tokenize_tests model_tests kernels_tests nn_tests heads_tests extract_tests c_api_test)
mkdir -p "$out" build/windows/wine

# in_windows COMMAND…: under wine, with a Windows of its own.
in_windows() {
  WINEPREFIX=$PWD/build/windows/wine WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml=' LC_ALL=C.UTF-8 \
    timeout 900 "$wine" "$@"
}
wine_server() { WINEPREFIX=$PWD/build/windows/wine "$(dirname "$wine")/wineserver64" "$1" 2>/dev/null || true; }
run_program() { in_windows "$1.exe" "${@:2}"; }

# windows_install: $radie, anew, with the notices of what is linked in.
windows_install() {
  local package notices=$radie/share/doc/radie/notices
  rm -rf "$radie"
  cmake --install "$tree" --prefix "$radie" --strip
  mkdir -p "$notices"
  for package in libicu-dev libeigen3-dev nlohmann-json3-dev mingw-w64-x86-64-dev gcc-mingw-w64-x86-64-posix-runtime; do
    cp "/usr/share/doc/$package/copyright" "$notices/$package.txt"
  done
}

# windows_consumer: examples/cpp as a project of its own, which finds the installed radie.
windows_consumer() {
  windows_configure examples/cpp build/windows/consumer -DCMAKE_PREFIX_PATH="$PWD/$radie;$windows_deps"
  cmake --build build/windows/consumer
}

# linux_output: what the example programs print here.
linux_output() {
  "$release/bin/c_example" "$demo" "$report" >"$out/linux-example.txt"
  c++ -std=c++20 -Iinclude examples/cpp/findings.cc -L"$release/lib" -lradie -Wl,-rpath,"$PWD/$release/lib" -o "$out/findings"
  "$out/findings" "$demo" <"$report" >"$out/linux-findings.txt"
}

# same_output FILE COMMAND…: the command, under wine, prints what the file holds, but for ends of lines.
same_output() {
  local expected=$1
  shift
  in_windows "$@" | tr -d '\r' | diff - "$expected"
}

# same_records ISA PRECISION: every sample report's JSON record, byte for byte.
same_records() {
  local linux=$out/linux-$1-$2.jsonl windows=$out/windows-$1-$2.jsonl
  rm -f "$linux" "$windows"
  "$release/bin/report_json" "$demo" "$1" "$2" "$linux" examples/reports/*.txt &&
    in_windows "$tree/bin/report_json.exe" "$demo" "$1" "$2" "$windows" examples/reports/*.txt &&
    [[ -s $linux ]] && cmp "$linux" "$windows"
}

# kernel_objects: no function that another file's could be taken for, as its instructions may be missing on the machine at
# hand; no move of vectors that wants an aligned address (docs/windows.md).
kernel_objects() {
  local object status=0 seen=0
  for object in "$tree"/libradie/CMakeFiles/radie_kernels.dir/kernels/avx*.obj; do
    seen=$((seen + 1))
    if x86_64-w64-mingw32-nm -C "$object" | grep ' [TW] '; then status=1; fi
    if x86_64-w64-mingw32-objdump -d "$object" | grep -m 3 -E 'vmov(aps|apd|dqa)'; then status=1; fi
  done
  [[ $seen -gt 0 && $status -eq 0 ]]
}

# ---- what it takes ----
packages=("${radie_build_packages[@]}" g++-mingw-w64-x86-64-posix wine64 googletest icu-devtools dpkg-dev)
(radie_need "${packages[@]}") || skip "the packages cannot be installed"
radie_find_python
wine=$(command -v wine64 || printf /usr/lib/wine/wine64)
for tool in x86_64-w64-mingw32-g++-posix "$wine"; do
  command -v "$tool" >/dev/null || skip "there is no $tool"
done
windows_icu_source >build/logs/windows-icu-source.log 2>&1 ||
  skip "no source of ICU (build/logs/windows-icu-source.log)"

# ---- building ----
must "ICU, GoogleTest and headers for Windows" windows_dependencies
must "Linux build to compare with" radie_configure release -B "$release"
must "Linux programs" cmake --build "$release" -j "$jobs" --target radie c_example report_json
must "Linux output" linux_output
must "configure for Windows" windows_configure . "$tree" -DRADIE_BUILD_TOOLS=OFF -DRADIE_BUILD_TESTS=ON \
  -DRADIE_HARDEN=OFF \
  -DRADIE_WARNINGS_AS_ERRORS=ON -DCMAKE_GTEST_DISCOVER_TESTS_DISCOVERY_MODE=PRE_TEST
must "build for Windows" cmake --build "$tree" -j "$jobs" --target radie_static radie_c c_example report_json "${programs[@]}"
must "what can be taken to Windows" windows_install
must "C++ program against the installed library" windows_consumer

# ---- testing ----
printf -- '-- tests under wine\n'
trap 'wine_server -k' EXIT
wine_server -p  # until then: by itself it ends between two programs, and takes one with it that begins at that moment
must "a Windows for the tests" in_windows cmd /c ver
check "radie_c.dll shows its header's functions and needs Windows alone" \
  "$radie_python" -B tests/capi/dll.py x86_64-w64-mingw32-objdump "$radie" include/radie/c_api.h
check "kernels share no code and move vectors to any address" kernel_objects
cp "$tree/bin/c_example.exe" "$radie/bin"  # beside the DLL: nothing of the build tree is found from there
check "C example prints what it prints in Linux" \
  same_output "$out/linux-example.txt" "$radie/bin/c_example.exe" "$demo" "$report"
rm "$radie/bin/c_example.exe"
check "C++ example prints what it prints in Linux" \
  same_output "$out/linux-findings.txt" build/windows/consumer/findings.exe "$demo" <"$report"
for pair in portable/fp32 avx2/fp32 avx2/fp16 avx2/int8 avx2_vnni/int8 avx512/fp32 avx512_vnni/int8 avx512_bf16/bf16; do
  isa=${pair%/*}
  if "$release/bin/report_json" "$demo" "$isa" fp32 "$out/probe.jsonl" "$report" 2>/dev/null; then
    check "JSON records are those of Linux, $isa, ${pair#*/}" same_records "$isa" "${pair#*/}"
  else
    skipped=$((skipped + 1))
    printf '   JSON records, %s: skipped, not on this processor\n' "$isa"
  fi
done
for program in "${programs[@]}"; do
  unit_tests "$program"
done

sum
