#!/usr/bin/env bash
# Builds the Python package's wheel and repairs it, so that it needs nothing but the C library. The wheel alone lies in
# build/python/wheelhouse/ afterwards, and is installed into build/python/venv/ beside what its tests need.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/install_deps.sh
source tools/install_deps.sh

radie_need "${radie_build_packages[@]}"
radie_need_python_headers

work=$PWD/build/python venv=$PWD/build/python/venv
mkdir -p "$work" build/logs
pip=("$venv/bin/python" -m pip --disable-pip-version-check --no-input -q)
stamp=$(sha256sum <tools/python_requirements.txt)
if [[ ! -x $venv/bin/python || $(cat "$venv/stamp" 2>/dev/null) != "$stamp" ]]; then
  "$radie_python" -m venv --clear "$venv"
  "${pip[@]}" install -r tools/python_requirements.txt
  printf '%s\n' "$stamp" >"$venv/stamp"
fi

! command -v ccache >/dev/null || export CMAKE_CXX_COMPILER_LAUNCHER=ccache
CMAKE_BUILD_PARALLEL_LEVEL=$(radie_jobs)
export CMAKE_BUILD_PARALLEL_LEVEL PATH=$venv/bin:$PATH
rm -rf "$work/raw" "$work/wheelhouse"
"${pip[@]}" wheel --no-deps --no-build-isolation -C build-dir="$work/cmake" -C cmake.define.RADIE_WITH_MECAB=ON -C cmake.define.RADIE_WITH_SENTENCEPIECE=ON \
  -w "$work/raw" ./libradie/python
"$venv/bin/python" -B libradie/python/repair_wheel.py "$work"/raw/*.whl "$work/wheelhouse"
"${pip[@]}" install --no-deps --force-reinstall "$work"/wheelhouse/*.whl
ls -l "$work/wheelhouse"
