"""Makes a wheel that needs nothing but the C library.

    repair_wheel.py WHEEL OUT_DIR

Debian's ICU is linked dynamically and is C++. auditwheel copies ICU into the wheel, but by the
manylinux policies takes the C++ run time for granted, which a bare system lacks; here it is told
otherwise.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from auditwheel import policy
from auditwheel.libc import Libc
from auditwheel.main import main

NOT_EVERYWHERE = {"libatomic.so.1", "libgcc_s.so.1", "libstdc++.so.6"}


def repair(wheel: str, out: str) -> int:
    """auditwheel's exit status."""
    # No option and no public function gives auditwheel another list: its version is pinned in
    # tools/python_requirements.txt, and the tests look at what the wheel's libraries need.
    policies = json.loads(policy._POLICY_JSON_MAP[Libc.GLIBC].read_text(encoding="utf-8"))
    for one in policies:
        one["lib_whitelist"] = [n for n in one["lib_whitelist"] if n not in NOT_EVERYWHERE]
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "policy.json"
        own.write_text(json.dumps(policies), encoding="utf-8")
        policy._POLICY_JSON_MAP[Libc.GLIBC] = own
        sys.argv = ["auditwheel", "repair", "--wheel-dir", out, wheel]
        return main() or 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(repair(*sys.argv[1:]))
