#!/usr/bin/env bash
# Builds radie twice, in folders of other names and depths, in another time zone and language, and compares what is installed
# byte for byte; then looks for hardening and the bill of materials in it.
#   reproducible.sh WORK_FOLDER [CXX]
set -euo pipefail

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$1 cxx=${2:-g++}
rm -rf "$work"
mkdir -p "$work/a" "$work/another/folder/b"
work=$(cd "$work" && pwd)
SOURCE_DATE_EPOCH=$(git -C "$source_dir" log -1 --format=%ct 2>/dev/null || echo 0)
export SOURCE_DATE_EPOCH

build() {  # build FOLDER
  (cd "$source_dir" && tar -c --exclude=./build --exclude=./.git .) | tar -x -C "$1"
  cmake -S "$1" -B "$1/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_INSTALL_PREFIX=/usr \
    -DRADIE_WITH_MECAB=ON -DRADIE_WITH_SENTENCEPIECE=ON -DRADIE_WITH_SERVE=ON
  cmake --build "$1/build" -j "$2"
  DESTDIR="$1/installed" cmake --install "$1/build" >/dev/null
}

TZ=Asia/Tokyo LC_ALL=C.UTF-8 build "$work/a" "$(nproc)"
TZ=America/New_York LC_ALL=C build "$work/another/folder/b" "$(nproc)"
diff -r --no-dereference "$work/a/installed" "$work/another/folder/b/installed" || {
  printf 'FAILED: two builds of the same source differ\n' >&2
  exit 1
}
if grep -rlF -e "$work" "$work/a/installed"; then
  printf 'FAILED: an installed file names the folder it was built in\n' >&2
  exit 1
fi
printf '%s files, the same bytes in both builds\n' "$(find "$work/a/installed" -type f | wc -l)"
python3 -B "$source_dir/tests/package/installed.py" "$work/a/build" cmake
rm -rf "$work"
