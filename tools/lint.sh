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
#   - mypy           strict types, over all Python but three files that need libraries which are not installed here
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

# passedByValue is not looked for in libradie/: views (a pointer and a few sizes) are meant to go by value there, and clang-tidy's
# performance-unnecessary-value-param, which looks for the same, knows which types are cheap to copy.
lint_cppcheck() {
  files 'libradie/*.cc' 'tools/*.cc' 'examples/*.cc' 'examples/*.c' 'bench/*.cc' |
    xargs -0 cppcheck --std=c++20 --enable=warning,portability,performance --inline-suppr '--suppress=passedByValue:libradie/*' \
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

# mypy_in FOLDER ARGUMENT…
mypy_in() {
  local folder=$1 cache=$PWD/build/lint/mypy python
  shift
  python=$(realpath --no-symlinks "$(command -v "$radie_python")")
  (cd "$folder" && "$python" -m mypy --no-error-summary --cache-dir="$cache" "$@")
}

# Of which every file is checked, by itself and with those of its folder.
readonly typed_folders=(bench/peers tests/{bench,browser,capi,exchange,fuzz,golden,hosts,manners,package,parity,soak,tools} tools)

# The Python package and what tests it. What they import and this environment lacks is Any here; tools/test.sh --full holds them to
# the types of all that they import, in the environments that have it.
lint_mypy_of_package() {
  local package=$PWD/libradie/python
  local known=(--config-file "$package/pyproject.toml" --disable-error-code=import-untyped --disable-error-code=import-not-found)
  # Not the two files that meet spaCy: without its types a decorator of its makes a typed function untyped.
  mypy_in "$package" "${known[@]}" --exclude '(^|/)(test_)?spacy\.py$' radie repair_wheel.py ../../tests/python || return 1
  MYPYPATH=$package:$PWD/tests/scale mypy_in tests/scale "${known[@]}" .
}

# Not held: tests/load/openapi_hooks.py, whose functions are decorated by a library that is not installed here.
lint_mypy() {
  local status=0 folder settings=(--config-file "$PWD/mypy.ini")
  mypy_in weights_converter --config-file pyproject.toml radie_convert radie_train tests || status=1
  for folder in "${typed_folders[@]}"; do
    mypy_in "$folder" "${settings[@]}" . || status=1
  done
  mypy_in tests/load "${settings[@]}" load.py client.py || status=1
  # As modules of a package: bench/hosts.py imports another hosts.py.
  mypy_in . "${settings[@]}" --explicit-package-bases bench/*.py || status=1
  lint_mypy_of_package || status=1
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
