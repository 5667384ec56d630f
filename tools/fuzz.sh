#!/usr/bin/env bash
# Builds the fuzz targets (tests/fuzz/, docs/fuzzing.md) with Clang's libFuzzer, ASan and UBSan, and runs them.
#
#   tools/fuzz.sh [--fast] [--minutes N | --seconds N] [TARGET…]   each target for that long (1 minute), one after the other
#   tools/fuzz.sh --minimise [TARGET…]   the committed corpora anew: few inputs that reach what is reached
#   tools/fuzz.sh --list                 the names of the targets
#
# --fast: programs that do not trace comparisons. They run up to three times as many inputs in the same time, and learn less of
# each: for volume, where corpora already reach far.
# Freed memory is watched for a shorter time in them (2 MB of it instead of 256), which keeps it in the caches.
#
# What was found so far grows in build/fuzz/corpus/TARGET; it starts from tests/fuzz/corpus/TARGET, whose first inputs,
# seed-NN, tests/fuzz/make_seeds.py makes. An input that ends a target is kept in build/fuzz/crashes/, and the command says how
# to see it again. Ends with status 1 when there was one. RADIE_FUZZ_JOBS=N: compilers at once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/install_deps.sh
source tools/install_deps.sh

usage() { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p;}' "$0"; }
readonly most_files=48 most_bytes=36000  # of one committed corpus

seconds=60 minimise='' preset=fuzz settings=() sanitizer=()
targets=()
all_targets=$(sed -n '/^set(fuzz_targets/,/)/p' tests/fuzz/targets.cmake | tr -d ')' | tail -n +2 | xargs -n 1)
while [[ $# -gt 0 ]]; do
  case $1 in
    --minutes | --seconds)
      [[ ${2:-} =~ ^[0-9]+$ ]] || { usage >&2; exit 2; }
      seconds=$2
      [[ $1 == --seconds ]] || seconds=$(($2 * 60))
      shift
      ;;
    --minimise) minimise=yes ;;
    --fast)
      preset=fuzz-fast settings=(-entropic=0)
      sanitizer=(env "ASAN_OPTIONS=malloc_context_size=1:max_malloc_fill_size=0:quarantine_size_mb=2:thread_local_quarantine_size_kb=64")
      ;;
    --list) printf '%s\n' "$all_targets" && exit 0 ;;
    -h | --help) usage && exit 0 ;;
    -*) usage >&2 && exit 2 ;;
    *)
      grep -qxF -- "$1" <<<"$all_targets" || radie_die "there is no target $1; --list names them"
      targets+=("$1")
      ;;
  esac
  shift
done
[[ ${#targets[@]} -gt 0 ]] || mapfile -t targets <<<"$all_targets"

# Sanitizers want their shadow memory where newer kernels may have put the program.
run_with=()
if setarch "$(uname -m)" -R true 2>/dev/null; then run_with=(setarch "$(uname -m)" -R); fi

build_targets() {
  radie_need "${radie_build_packages[@]}" clang-14 libclang-rt-14-dev
  radie_find_python
  mkdir -p build/logs
  printf 'Building %d targets (log: build/logs/fuzz_build.log)\n' ${#targets[@]}
  if ! { radie_configure "$preset" && "${run_with[@]}" cmake --build "build/$preset" -j "${RADIE_FUZZ_JOBS:-$(radie_jobs)}" --target "${targets[@]/#/fuzz_}"; } \
    >build/logs/fuzz_build.log 2>&1; then
    tail -n 40 build/logs/fuzz_build.log >&2
    radie_die "the targets do not build"
  fi
}

# fuzz_one TARGET: runs it, prints executions; its status is 1 when an input ended it.
fuzz_one() {
  local target=$1 status=0 log=build/logs/fuzz_$1.log arguments=("${settings[@]}") runs
  mkdir -p "build/fuzz/corpus/$target" build/fuzz/crashes
  [[ ! -f tests/fuzz/dictionaries/$target.dict ]] || arguments+=("-dict=tests/fuzz/dictionaries/$target.dict")
  "${sanitizer[@]}" "${run_with[@]}" "build/$preset/bin/fuzz_$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3000 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/crashes/$target-" "${arguments[@]}" "build/fuzz/corpus/$target" "tests/fuzz/corpus/$target" \
    >"$log" 2>&1 || status=$?
  runs=$(sed -nE 's/^stat::number_of_executed_units: ([0-9]+)$/\1/p' "$log" | tail -n 1)
  printf '%-20s %12s executions, %s inputs reach %s\n' "$target" "${runs:-?}" "$(find "build/fuzz/corpus/$target" -type f | wc -l)" \
    "$(grep -oE 'cov: [0-9]+ ft: [0-9]+' "$log" | tail -n 1)"
  printf '%s\t%s\t%s\n' "$(date -u +%FT%TZ)" "$target" "${runs:-0}" >>build/fuzz/executions.tsv
  [[ $status -ne 0 ]] || return 0
  local input
  input=$(sed -nE 's/.*Test unit written to (.*)$/\1/p' "$log" | tail -n 1)
  printf '  FAILED (%s)\n  again: %s build/%s/bin/fuzz_%s %s\n' "$log" "${run_with[*]}" "$preset" "$target" "${input:-?}"
  return 1
}

# minimise_one TARGET: its corpus is the seeds and, up to the caps, the few inputs that cover what all known ones do.
minimise_one() {
  local target=$1 merged size files=0 bytes=0 input name seeds
  merged=$(mktemp -d build/fuzz/merged-XXXXXX)
  mkdir -p "build/fuzz/corpus/$target"
  "${run_with[@]}" "build/$preset/bin/fuzz_$target" -set_cover_merge=1 -timeout=20 -rss_limit_mb=3000 "$merged" \
    "tests/fuzz/corpus/$target" "build/fuzz/corpus/$target" >"build/logs/fuzz_merge_$target.log" 2>&1
  rm -f "tests/fuzz/corpus/$target"/[0-9a-f]*
  seeds=$(sha1sum "tests/fuzz/corpus/$target"/seed-* | cut -d ' ' -f 1)
  while read -r size input; do
    name=$(sha1sum <"$input" | cut -d ' ' -f 1)
    ((files < most_files && bytes + size <= most_bytes)) || continue
    ! grep -q "$name" <<<"$seeds" || continue
    cp "$input" "tests/fuzz/corpus/$target/${name::12}"
    files=$((files + 1)) bytes=$((bytes + size))
  done < <(find "$merged" -type f -printf '%s %p\n' | sort -k 2)  # by their hashes: some of all sizes
  rm -r "$merged"
  printf '%-20s %d inputs, %d bytes\n' "$target" "$files" "$bytes"
}

build_targets
mkdir -p build/fuzz
ulimit -s 1024  # ASan clears the shadow of a thread's whole stack when it starts
TMPDIR=$(mktemp -d "$([[ -w /dev/shm ]] && printf /dev/shm || printf '%s' "${TMPDIR:-/tmp}")/radie-fuzz-XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
failed=0
for target in "${targets[@]}"; do
  if [[ -n $minimise ]]; then minimise_one "$target"; else fuzz_one "$target" || failed=$((failed + 1)); fi
done
[[ $failed -eq 0 ]] || printf '%d of %d targets FAILED\n' $failed ${#targets[@]}
[[ $failed -eq 0 ]]
