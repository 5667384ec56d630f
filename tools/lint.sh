#!/usr/bin/env bash
# Static checks. One line a tool says how it ended and how long it took; what it found comes before. Exit status 1 where one
# finds something.
#
#   tools/lint.sh            all of them
#   tools/lint.sh NAME…      those named
#   tools/lint.sh --names    their names, a line each
#
#   - clang-format   C and C++ are formatted as .clang-format says
#   - clang-tidy     .clang-tidy, over libradie/, tools/ and examples/ as the preset release compiles them
#   - includes       include-what-you-use over libradie/: no include without use, no standard header by luck (tools/lint_units.py)
#   - cppcheck       warnings, portability and performance, over libradie/, tools/, examples/ and bench/, whatever is #if-ed out
#   - codespell      all texts and sources but reports and golden files
#   - shellcheck     every shell script
#   - ruff           check and format, over all Python
#   - mypy           strict types of radie_convert, radie_train and their tests, bench/peers, and scripts of tools/ and tests/
#
# clang-tidy and includes look only at what has changed since it was last clean (build/lint/). What each finds and leaves, and how
# a finding that is wrong is silenced: CONTRIBUTING.md. Needs what tools/test.sh --all needs, and installs it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/install_deps.sh
source tools/install_deps.sh

usage() { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p;}' "$0"; }

readonly all_tools=(clang-format clang-tidy includes cppcheck codespell shellcheck ruff mypy)

# files PATTERN…: what git has of these, NUL after each.
files() { git ls-files -z -- "$@"; }

# units TOOL UNITY: lints what the preset release compiles, with several files of a target as one unit (ON) or not (OFF).
units() {
  radie_configure release -B "build/lint/unity_$2" -DCMAKE_UNITY_BUILD="$2" >/dev/null &&
    "$radie_python" -B tools/lint_units.py "$1" "build/lint/unity_$2" --jobs "$jobs"
}

lint_clang_format() {
  files '*.cc' '*.h' '*.c' | xargs -0 clang-format-14 --dry-run -Werror
}

# Together: nearly all of clang-tidy's time goes over the standard library, each time that it is included.
lint_clang_tidy() { units clang-tidy ON; }

lint_includes() { units includes OFF; }

# passedByValue: views (a pointer and a few sizes) are meant to go by value; clang-tidy's performance-unnecessary-value-param
# looks for the same in libradie/, and knows which types are cheap to copy.
lint_cppcheck() {
  files 'libradie/*.cc' 'tools/*.cc' 'examples/*.cc' 'examples/*.c' 'bench/*.cc' |
    xargs -0 cppcheck --std=c++20 --enable=warning,portability,performance --inline-suppr --suppress=passedByValue \
      --error-exitcode=1 --quiet -j "$jobs" -I . -I include
}

# Left out: reports and what is made of them, in Japanese or meant to be wrong (fuzz inputs, golden files, dictionaries).
lint_codespell() {
  files . ':!tests/fuzz/corpus' ':!tests/golden/*.json*' ':!tests/golden/*.txt' ':!weights_converter/corpus' ':!examples/reports' \
    ':!*.radie' ':!*.safetensors' ':!*.dict' | xargs -0 codespell --ignore-words tools/codespell_ignore.txt
}

lint_shellcheck() {
  files '*.sh' .ci/run | xargs -0 shellcheck --external-sources
}

lint_ruff() {
  "$radie_python" -m ruff check --no-cache --quiet . && "$radie_python" -m ruff format --no-cache --check --quiet .
}

# mypy_in FOLDER CONFIGURATION ARGUMENT…: strict, with the settings and the search path of that folder.
mypy_in() {
  local folder=$1 settings=$2 cache=$PWD/build/lint/mypy python
  shift 2
  python=$(realpath --no-symlinks "$(command -v "$radie_python")")
  (cd "$folder" && "$python" -m mypy --no-error-summary --cache-dir="$cache" --config-file "$settings" "$@")
}

# Folders of scripts that need no package but what the standard library and tools/requirements.txt give.
readonly typed_scripts=(tests/manners tests/capi tests/browser tests/soak tests/fuzz tests/hosts tests/package)

# Elsewhere: libradie/python, tests/python and tests/scale are held to strict types in the environments that have what they
# import (tools/test.sh --full). Not held: tests/tools, which passes parsed JSON around; tests/parity and tests/bench, whose
# libraries have no types; tests/exchange and tests/load/openapi_hooks.py, whose libraries are not installed here.
lint_mypy() {
  local status=0 folder settings=$PWD/tests/mypy.ini
  mypy_in weights_converter pyproject.toml radie_convert radie_train tests || status=1
  mypy_in tests/golden mypy.ini . || status=1
  mypy_in bench/peers mypy.ini . || status=1
  mypy_in tests/load "$settings" load.py client.py || status=1
  mypy_in tools "$settings" . || status=1
  for folder in "${typed_scripts[@]}"; do
    mypy_in "$folder" "$settings" . || status=1
  done
  return "$status"
}

lint() {
  case $1 in
    clang-format) lint_clang_format ;;
    clang-tidy) lint_clang_tidy ;;
    includes) lint_includes ;;
    cppcheck) lint_cppcheck ;;
    codespell) lint_codespell ;;
    shellcheck) lint_shellcheck ;;
    ruff) lint_ruff ;;
    mypy) lint_mypy ;;
  esac
}

names=()
for argument in "$@"; do
  case $argument in
    -h | --help) usage && exit 0 ;;
    --names) printf '%s\n' "${all_tools[@]}" && exit 0 ;;
    *)
      [[ " ${all_tools[*]} " == *" $argument "* ]] || { usage >&2; exit 2; }
      names+=("$argument")
      ;;
  esac
done
[[ ${#names[@]} -gt 0 ]] || names=("${all_tools[@]}")

radie_need "${radie_lint_packages[@]}"
radie_find_python
if [[ " ${names[*]} " =~ \ (ruff|mypy)\  ]]; then
  radie_need_venv
  radie_venv
fi
jobs=$(radie_jobs)

status=0
for name in "${names[@]}"; do
  start=$SECONDS verdict=clean
  lint "$name" || verdict=FINDINGS status=1
  printf '%-12s %s, %d s\n' "$name" "$verdict" $((SECONDS - start))
done
exit $status
