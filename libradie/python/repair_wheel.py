"""Makes a wheel that needs nothing but the C library.

    repair_wheel.py WHEEL OUT_DIR

Debian's ICU is linked dynamically and is C++. auditwheel copies ICU into the wheel, but by the
manylinux policies takes the C++ run time for granted, which a bare system lacks; here it is told
otherwise. The wheel's bill of materials then lists what was copied, and the module as it now is.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

from auditwheel import policy
from auditwheel.libc import Libc
from auditwheel.main import main
from auditwheel.wheeltools import InWheel

NOT_EVERYWHERE = {"libatomic.so.1", "libgcc_s.so.1", "libstdc++.so.6"}
# Of which package of the bill a copied library is, but for the run time.
PACKAGES = {"libicu": "ICU", "libmecab": "MeCab", "libsentencepiece": "SentencePiece"}


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


def package_of(library: str, bill: dict[str, Any]) -> dict[str, Any]:
    """The bill's package of a library that was copied; that of the run time is added."""
    match = re.fullmatch(r"(.+)-[0-9a-f]{8}\.so\.([0-9.]+)", library)
    assert match, f"no name of auditwheel's: {library}"
    stem, version = match.groups()
    if any(name.startswith(f"{stem}.so.") for name in NOT_EVERYWHERE):
        licence = "GPL-3.0-or-later WITH GCC-exception-3.1"
        package: dict[str, Any] = {
            "SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", stem),
            "name": stem,
            "versionInfo": version,
            "filesAnalyzed": False,
            "downloadLocation": "NOASSERTION",
            "homepage": "https://gcc.gnu.org",
            "licenseConcluded": licence,
            "licenseDeclared": licence,
            "copyrightText": "NOASSERTION",
            "comment": "dynamic",
        }
        bill["packages"].append(package)
        relate(bill, "SPDXRef-radie", "DYNAMIC_LINK", package["SPDXID"])
        return package
    names = {name for prefix, name in PACKAGES.items() if stem.startswith(prefix)}
    found: list[dict[str, Any]] = [one for one in bill["packages"] if one["name"] in names]
    assert len(found) == 1, f"{library} is of no package in the bill"
    return found[0]


def relate(bill: dict[str, Any], subject: str, kind: str, to: str) -> None:
    relation = {"spdxElementId": subject, "relationshipType": kind, "relatedSpdxElement": to}
    bill["relationships"].append(relation)


def list_files(bill: dict[str, Any], root: Path) -> None:
    """Lists the wheel's libraries and model anew, each as part of its package."""
    old = {item["SPDXID"] for item in bill["files"]}
    bill["files"] = []
    bill["relationships"] = [
        relation for relation in bill["relationships"] if relation["relatedSpdxElement"] not in old
    ]
    ours = [*root.glob("radie/_radie*.so"), *root.glob("radie/*.radie")]
    for number, file in enumerate(sorted([*ours, *root.glob("*.libs/*")]), 1):
        own = {"SPDXID": "SPDXRef-radie", "licenseConcluded": "Apache-2.0"}
        package = own if file in ours else package_of(file.name, bill)
        data = file.read_bytes()
        entry: dict[str, Any] = {
            "SPDXID": f"SPDXRef-file-{number}",
            "fileName": f"./{file.relative_to(root).as_posix()}",
            "licenseConcluded": package["licenseConcluded"],
            "licenseInfoInFiles": ["NOASSERTION"],
            "copyrightText": "NOASSERTION",
            "checksums": [
                {"algorithm": "SHA1", "checksumValue": hashlib.sha1(data).hexdigest()},
                {"algorithm": "SHA256", "checksumValue": hashlib.sha256(data).hexdigest()},
            ],
        }
        bill["files"].append(entry)
        relate(bill, package["SPDXID"], "CONTAINS", entry["SPDXID"])
    parts = json.dumps([bill["packages"], bill["files"]])
    bill["documentNamespace"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, parts)}"


def complete_bill(wheel: Path, out: Path) -> None:
    with InWheel(wheel, out) as root:
        (document,) = root.glob("*.dist-info/sboms/radie.spdx.json")
        bill = json.loads(document.read_text(encoding="utf-8"))
        list_files(bill, root)
        document.write_text(json.dumps(bill, indent=1) + "\n", encoding="utf-8")


def repair_and_list(wheel: str, out: str) -> int:
    """The exit status. The wheel lies in the folder only when it is whole."""
    with tempfile.TemporaryDirectory() as folder:
        status = repair(wheel, folder)
        if status == 0:
            (repaired,) = Path(folder).glob("*.whl")
            Path(out).mkdir(parents=True, exist_ok=True)
            complete_bill(repaired, Path(out) / repaired.name)
    return status


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(repair_and_list(*sys.argv[1:]))
