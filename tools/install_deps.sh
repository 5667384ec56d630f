# shellcheck shell=bash
# Sourced by quickstart.sh, test.sh, lint.sh and train_demo.sh: what they need, and how it gets here. Expects the repository root as the
# current folder.

# shellcheck disable=SC2034  # used by those who source this
readonly radie_build_packages=(
  cmake ninja-build g++ pkg-config libicu-dev libeigen3-dev libopenblas-serial-dev nlohmann-json3-dev libcli11-dev
  libmecab-dev mecab-ipadic-utf8 libsentencepiece-dev libcpp-httplib-dev zlib1g-dev libzstd-dev libgtest-dev libbenchmark-dev)
# shellcheck disable=SC2034  # the same
readonly radie_lint_packages=(clang-format-14 clang-tidy-14 iwyu cppcheck codespell shellcheck)
# shellcheck disable=SC2034  # the same
readonly radie_all_packages=(clang-14 libclang-rt-14-dev abigail-tools curl locales-all "${radie_lint_packages[@]}")
# shellcheck disable=SC2034  # the same
readonly radie_full_packages=(openjdk-17-jdk-headless libjna-java mono-mcs mono-runtime libmono-system-core4.0-cil)

radie_die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# radie_need PACKAGE…: installs the Debian packages that are missing; does nothing, and needs no rights, when none is.
radie_need() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    printf 'This is no Debian: going on in the hope that your system has what these Debian packages hold:\n  %s\n' "$*" >&2
    return
  fi
  local package missing=()
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0

  local as_root=()
  if [[ $(id -u) -ne 0 ]]; then
    if command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
      as_root=(sudo)
    else
      radie_die "these packages are missing, and installing them takes root or sudo. As root, run
  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}
and start this script again."
    fi
  fi
  printf 'Installing %s\n' "${missing[*]}"
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 -o Acquire::Retries=3)
  mkdir -p build/logs
  if ! "${apt[@]}" update >build/logs/apt.log 2>&1 ||
    ! "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >>build/logs/apt.log 2>&1; then
    tail -n 20 build/logs/apt.log >&2
    radie_die "apt-get could not install: ${missing[*]} (whole log: build/logs/apt.log)"
  fi
}

# radie_find_python: sets radie_python to a Python of version 3.10 or later, installing Debian's where there is none.
radie_find_python() {
  local candidate
  for candidate in "${RADIE_PYTHON:-}" python3 /usr/bin/python3; do
    if [[ -n $candidate ]] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
      radie_python=$candidate
      return
    fi
  done
  radie_need python3
  radie_python=/usr/bin/python3
  "$radie_python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || radie_die "Python 3.10 or later is needed"
}

# radie_need_node: Node and npm. Where they are there, from whomever, they stay: Debian's npm does not go with another's Node.
radie_need_node() {
  if ! { command -v node && command -v npm; } >/dev/null; then radie_need nodejs npm; fi
}

# radie_browser: prints the path of a Chromium; status 1 where there is none.
radie_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

# radie_need_venv: what radie_venv needs of the system.
radie_need_venv() {
  radie_find_python
  if [[ -z ${RADIE_PYTHON:-} ]] && ! "$radie_python" -c 'import ensurepip, venv' 2>/dev/null; then
    radie_need python3 python3-venv
    radie_python=/usr/bin/python3
  fi
}

# radie_need_python_headers: sets radie_python to an interpreter that can make environments and that extension modules can
# be compiled for.
radie_need_python_headers() {
  radie_find_python
  local header='import ensurepip, os, sysconfig, venv; os.stat(sysconfig.get_path("include") + "/Python.h")'
  if ! "$radie_python" -c "$header" 2>/dev/null; then
    radie_need python3 python3-venv python3-dev
    radie_python=/usr/bin/python3
  fi
}

# radie_venv: sets radie_python to an interpreter with everything in tools/requirements.txt and weights_converter/. It makes
# build/venv, or takes RADIE_PYTHON as it is when that is set. Call radie_need_venv first.
radie_venv() {
  if [[ -n ${RADIE_PYTHON:-} ]]; then
    export PYTHONPATH=$PWD/weights_converter${PYTHONPATH:+:$PYTHONPATH}
    return
  fi
  local venv=$PWD/build/venv stamp
  stamp=$(cat tools/requirements.txt weights_converter/pyproject.toml | sha256sum)
  if [[ ! -x $venv/bin/python || $(cat "$venv/stamp" 2>/dev/null) != "$stamp" ]]; then
    local pip=("$venv/bin/python" -m pip --disable-pip-version-check --no-input -q)
    # PEP 517 for all: setup.py by itself would fetch its build requirements as eggs, which no longer works (seqeval).
    # Of the requirements, setuptools serves to install the converter: no second download of it for an isolated build.
    "$radie_python" -m venv --clear "$venv" &&
      "${pip[@]}" install --use-pep517 -r tools/requirements.txt &&
      "${pip[@]}" install --no-deps --no-build-isolation -e weights_converter &&
      printf '%s\n' "$stamp" >"$venv/stamp" || return 1
  fi
  radie_python=$venv/bin/python
}

# radie_jobs: prints how many compilers to run at once: cores by affinity and cgroup quota, at most one for each GB of memory.
radie_jobs() {
  local jobs quota period memory
  jobs=$(nproc)
  if read -r quota period 2>/dev/null </sys/fs/cgroup/cpu.max && [[ $quota =~ ^[0-9]+$ ]]; then
    ((jobs <= (quota + period - 1) / period)) || jobs=$(((quota + period - 1) / period))
  fi
  memory=$(awk '/^MemAvailable/ { print int($2 / 1000000) }' /proc/meminfo)
  ((jobs <= memory)) || jobs=$memory
  ((jobs >= 1)) || jobs=1
  printf '%s\n' "$jobs"
}

# radie_configure PRESET [ARGUMENT…]: with ccache when it is there, which compiles anew only what has changed; without it,
# several files of a target are compiled as one, in little more than half of the time. Both are always passed, so that a build folder does not
# go on asking for a ccache that has been removed.
radie_configure() {
  local launcher='' together=ON
  ! command -v ccache >/dev/null || launcher=ccache together=OFF
  cmake --preset "$1" -DCMAKE_CXX_COMPILER_LAUNCHER=$launcher -DCMAKE_UNITY_BUILD=$together "${@:2}"
}
