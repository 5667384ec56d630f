# shellcheck shell=bash
# Sourced by tools/build_windows.sh: what the library links and its tests need, for Windows, into build/windows/deps. Expects
# the repository root as the current folder, $jobs, and tools/install_deps.sh.

windows_toolchain=$PWD/tools/windows/mingw64.cmake
windows_deps=$PWD/build/windows/deps

# windows_configure SOURCE FOLDER [ARGUMENT…]
windows_configure() {
  local launcher=
  ! command -v ccache >/dev/null || launcher=ccache
  cmake -S "$1" -B "$2" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_TOOLCHAIN_FILE="$windows_toolchain" \
    -DCMAKE_CXX_COMPILER_LAUNCHER=$launcher -DCMAKE_PREFIX_PATH="$windows_deps" "${@:3}"
}

# windows_icu_source: sets icu_source to the folder source/ of the ICU whose libraries Linux' radie is linked with; from
# Debian's source package, unless RADIE_ICU_SOURCE says where there is one.
windows_icu_source() {
  if [[ -n ${RADIE_ICU_SOURCE:-} ]]; then
    icu_source=$RADIE_ICU_SOURCE
    return
  fi
  local folder=$PWD/build/windows/icu version
  version=$(dpkg-query -W -f '${source:Version}' libicu-dev) || return 1
  icu_source=$folder/$version/source
  [[ ! -d $icu_source ]] || return 0
  rm -rf "$folder"
  mkdir -p "$folder/sources" "$folder/lists/partial"
  # The same places as those of the binary packages, asked for sources, beside the system's own lists.
  local list
  for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
    [[ ! -f $list ]] || sed -E 's/^Types:.*/Types: deb-src/; s/^deb /deb-src /' "$list" >"$folder/sources/from-$(basename "$list")"
  done
  [[ ! -f $folder/sources/from-sources.list ]] || mv "$folder/sources/from-sources.list" "$folder/sources/from-main.list"
  local apt=(apt-get -q -o Acquire::Retries=3 -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$folder/sources"
    -o Dir::State::Lists="$folder/lists")
  "${apt[@]}" update || true  # a list that has no sources is none of ours
  (cd "$folder" && "${apt[@]}" source --download-only "icu=$version") || return 1
  dpkg-source -x "$folder"/icu_*.dsc "$folder/unpacked" && mv "$folder/unpacked" "$folder/$version"
}

# windows_icu_data FILE: the parts of ICU's data that the library can reach, out of the data that Linux' radie is linked with.
# A cut pattern may name any property (unames, uemoji, ulayout, nfkc_cf) and ask for characters and words (brkitr).
windows_icu_data() {
  local file=$1 list=$PWD/tools/windows/icu/data.txt work=build/windows/icu-data archive name
  name=$(basename "$file" .dat)
  archive=$(find /usr/lib -name libicudata.a | head -n 1)
  [[ -n $archive ]] || return 1
  rm -rf "$work"
  mkdir -p "$work/items/brkitr"
  (
    PATH=$PATH:/usr/sbin
    cd "$work" || exit
    ar x "$archive" "${name}_dat.o"
    objcopy -O binary --only-section=.rodata "${name}_dat.o" "$name.dat"
    icupkg -x "$list" -d items "$name.dat"
    cd items || exit
    gencmn -n "$name" -d "$(dirname "$file")" 0 "$list"
  )
}

windows_icu() {
  local major data
  windows_icu_source || return 1
  major=$(sed -nE 's/^#define U_ICU_VERSION_MAJOR_NUM ([0-9]+)$/\1/p' "$icu_source/common/unicode/uvernum.h")
  data=$PWD/build/windows/icudt${major}l.dat
  windows_icu_data "$data"
  windows_configure tools/windows/icu build/windows/icu-build -DICU_SOURCE="$icu_source" -DICU_DATA="$data" \
    -DCMAKE_INSTALL_PREFIX="$windows_deps"
  # shellcheck disable=SC2154  # jobs is set by who sources this
  cmake --build build/windows/icu-build -j "$jobs"
  cmake --install build/windows/icu-build
}

windows_googletest() {
  windows_configure /usr/src/googletest build/windows/googletest -DCMAKE_INSTALL_PREFIX="$windows_deps" -DBUILD_GMOCK=OFF
  cmake --build build/windows/googletest -j "$jobs"
  cmake --install build/windows/googletest
}

# Headers only, the system's own: copied, as its folder of headers must not be searched.
windows_headers() {
  mkdir -p "$windows_deps"/{include,share/cmake}
  cp -r /usr/include/eigen3 /usr/include/nlohmann "$windows_deps/include"
  cp -r /usr/share/eigen3 "$windows_deps/share"
  cp -r /usr/share/cmake/nlohmann_json "$windows_deps/share/cmake"
}

# windows_dependencies: all of them, unless they are there already as they would be made now.
windows_dependencies() {
  local stamp
  stamp=$(cat tools/windows/{mingw64.cmake,dependencies.sh,icu/*} && dpkg-query -W libicu-dev googletest libeigen3-dev \
    nlohmann-json3-dev g++-mingw-w64-x86-64-posix)
  [[ $(cat "$windows_deps/stamp" 2>/dev/null) != "$stamp" ]] || return 0
  rm -rf "$windows_deps"
  windows_headers && windows_googletest && windows_icu && printf '%s\n' "$stamp" >"$windows_deps/stamp"
}
