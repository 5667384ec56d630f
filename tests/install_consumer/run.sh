#!/usr/bin/env bash
# Installs a finished build into an empty prefix, moves the prefix elsewhere (it must be relocatable), and builds and runs a
# stranger's program against it four ways, the example program, and every public header by itself.
#   run.sh BUILD_DIR [CXX]
set -euo pipefail

build=$(cd "$1" && pwd)
cxx=${2:-${CXX:-g++}}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_dir=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CMAKE_GENERATOR=Ninja  # what radie itself is built with; there may be no make

say() { printf -- '-- %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

say "install into an empty prefix, then move it"
cmake --install "$build" --prefix "$work/first" >"$work/install.log" || { cat "$work/install.log"; fail "cmake --install"; }
mv "$work/first" "$work/prefix"
prefix=$work/prefix
pkgconfig_dir=$(dirname "$(find "$prefix" -name radie.pc)")
lib_dir=$(dirname "$pkgconfig_dir")
for path in "$work/first" "$source_dir" "$build"; do
  if grep -rlF --include='*.cmake' --include='*.pc' --include='*.h' -- "$path" "$prefix"; then
    fail "an installed file names the folder $path"
  fi
done
for name in libradie.so libradie.so.0 libradie.a libradie_c.so libradie_c.so.1; do
  [[ -e $lib_dir/$name ]] || fail "$name is not installed"
done
readelf -d "$lib_dir/libradie.so" | grep -q 'SONAME.*\[libradie\.so\.0\]' || fail "the soname is not libradie.so.0"

models=()
for model in "$prefix/share/radie/demo.radie" "$source_dir/tests/golden/encoder_h32_heads4.radie"; do
  [[ ! -f $model ]] || models+=("$model")
done
[[ ${#models[@]} -gt 0 ]] || fail "no model to run with"

run_program() {  # run_program PROGRAM: with each model, on a sample report
  local model
  for model in "${models[@]}"; do
    env -u LD_LIBRARY_PATH "$@" "$model" <"$source_dir/examples/reports/01_chest_nodule.txt" >"$work/out" ||
      fail "$1 with $(basename "$model")"
    [[ -s $work/out ]] || fail "$1 with $(basename "$model") printed nothing"
  done
}
links_shared() { readelf -d "$1" | grep -q 'NEEDED.*libradie\.so\.0'; }

for kind in shared static; do
  say "CMake, $kind"
  static=OFF
  [[ $kind == shared ]] || static=ON
  cmake -S "$here" -B "$work/cmake-$kind" -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_CXX_COMPILER="$cxx" -DCONSUMER_STATIC=$static >"$work/log" || { cat "$work/log"; fail "configure, $kind"; }
  cmake --build "$work/cmake-$kind" >"$work/log" || { cat "$work/log"; fail "build, $kind"; }
  if [[ $kind == shared ]]; then
    links_shared "$work/cmake-shared/consumer" || fail "radie::radie is not the shared library"
  elif links_shared "$work/cmake-static/consumer"; then
    fail "radie::static is not the static library"
  fi
  run_program "$work/cmake-$kind/consumer"
done

export PKG_CONFIG_PATH=$pkgconfig_dir
say "pkg-config, shared"
# shellcheck disable=SC2046  # the words of pkg-config's answer are meant to be split
"$cxx" -std=c++20 "$here/main.cc" $(pkg-config --cflags --libs radie) -Wl,-rpath,"$lib_dir" -o "$work/pc-shared"
links_shared "$work/pc-shared" || fail "pkg-config's shared program does not link libradie.so.0"
run_program "$work/pc-shared"

say "pkg-config, static"
read -ra static_flags < <(pkg-config --static --cflags --libs radie)
# A program without any shared library, unless radie was built with SentencePiece: Debian has no archive of it.
if [[ " ${static_flags[*]} " == *" -lsentencepiece "* && $("$cxx" -print-file-name=libsentencepiece.a) != */* ]]; then
  "$cxx" -std=c++20 "$here/main.cc" "${static_flags[@]/#-lradie/-l:libradie.a}" -o "$work/pc-static"
  ! links_shared "$work/pc-static" || fail "pkg-config's static program links libradie.so.0"
else
  "$cxx" -std=c++20 -static "$here/main.cc" "${static_flags[@]}" -o "$work/pc-static"
  if readelf -d "$work/pc-static" | grep -q NEEDED; then
    fail "pkg-config's static program needs a shared library"
  fi
fi
run_program "$work/pc-static"

if [[ -f $prefix/share/radie/demo.radie ]]; then
  say "examples/cpp"
  cmake -S "$source_dir/examples/cpp" -B "$work/example" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$cxx" \
    >"$work/log" || { cat "$work/log"; fail "configure examples/cpp"; }
  cmake --build "$work/example" >"$work/log" || { cat "$work/log"; fail "build examples/cpp"; }
  "$work/example/findings" "$prefix/share/radie/demo.radie" <"$source_dir/examples/reports/01_chest_nodule.txt"
fi

say "examples/c, by pkg-config"
# shellcheck disable=SC2046  # words, as above
cc -std=c99 -pedantic-errors -Wall -Wextra -Werror "$source_dir/examples/c/findings.c" \
  $(pkg-config --cflags --libs radie_c) -Wl,-rpath,"$lib_dir" -o "$work/c-findings"
if [[ -f $prefix/share/radie/demo.radie ]]; then
  "$work/c-findings" "$prefix/share/radie/demo.radie" "$source_dir/examples/reports/01_chest_nodule.txt" >"$work/out"
  [[ -s $work/out ]] || fail "examples/c found nothing"
fi

if [[ -x $prefix/bin/radie ]]; then
  say "the installed command"
  (cd "$work" && env -u LD_LIBRARY_PATH -u RADIE_MODEL "$prefix/bin/radie" --version)
  if [[ -f $prefix/share/radie/demo.radie ]]; then
    (cd "$work" && env -u LD_LIBRARY_PATH -u RADIE_MODEL "$prefix/bin/radie" extract --format jsonl \
      "$source_dir/examples/reports/01_chest_nodule.txt" >"$work/out") || fail "the installed command does not extract"
    grep -q '"findings"' "$work/out" || fail "the installed command found nothing"
  fi
fi

say "every public header by itself"
printf '#include "radie/c_api.h"\n#include "radie/c_api.h"\n' >"$work/header.c"
cc -std=c99 -Wall -Wextra -Werror -pedantic -fsyntax-only -I "$prefix/include" "$work/header.c" || fail "c_api.h is not C99"
for header in "$prefix"/include/radie/*.h; do
  name=radie/$(basename "$header")
  printf '#include "%s"\n#include "%s"\n' "$name" "$name" >"$work/header.cc"
  "$cxx" -std=c++20 -Wall -Wextra -Werror -pedantic -fsyntax-only -I "$prefix/include" "$work/header.cc" ||
    fail "$name does not stand by itself"
done
say "installed tree: all well"
