"""tools/lint_units.py keeps of include-what-you-use's advice what it says it keeps, looks again
at a unit when a header that it includes has changed, and knows files that are compiled as one."""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import lint_units

SOURCE = """#include "inner.h"
#include <set>
std::string name;
std::vector<int> numbers;
"""
ADVICE = """{file} should add these lines:
#include <memory>  // for allocator_traits<>::value_type
#include <string>  // for string, char_traits
#include <utility>  // for pair
#include <vector>  // for vector
#include "far.h"  // for Far

{file} should remove these lines:
- #include <set>  // lines 2-2

The full include-list for {file}:
#include <string>  // for string
"""


def check_sources(root: Path) -> None:
    """Of a unit: itself, or the files that are compiled as one; not what the build has written."""
    build = root / "build"
    together, written = build / "a.dir/Unity/unity_0_cxx.cxx", build / "pages.cc"
    together.parent.mkdir(parents=True)
    own, other = root / "room/a.cc", root / "room/b.cc"
    listed = "".join(f'#include "{path}"\n' for path in (written, own, other))
    together.write_text(f"/* NOLINTNEXTLINE */\n{listed}", encoding="utf-8")
    written.write_text(f'#include "{own}"\n', encoding="utf-8")
    assert lint_units.sources_of(together, build) == [own, other]
    assert lint_units.sources_of(own, build) == [own]
    assert lint_units.sources_of(written, build) == []
    assert lint_units.sources_of(Path("/usr/include/a.cc"), build) == []


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        lint_units.ROOT = Path(name).resolve()
        unit, inner = lint_units.ROOT / "unit.cc", lint_units.ROOT / "inner.h"
        unit.write_text(SOURCE, encoding="utf-8")
        inner.write_text("#include <vector>\n", encoding="utf-8")
        # <vector> comes with inner.h, pair is not spelled, allocator_traits is nobody's to name.
        assert lint_units.advice(ADVICE.format(file=unit)) == [
            "unit.cc: uses, but does not include: #include <string> // for string, char_traits",
            "unit.cc: includes without use: #include <set>",
        ]
        tool, looked_at = lint_units.Tool(), lint_units.Unit("unit.cc", unit.parent, ["c++"])
        before = tool.digest(looked_at, b"1")
        assert tool.digest(looked_at, b"1") == before != tool.digest(looked_at, b"2")
        inner.write_text("#include <vector>\n\n", encoding="utf-8")
        assert tool.digest(looked_at, b"1") != before
        check_sources(lint_units.ROOT)
    print("advice is kept and left as it is said")
    return 0


if __name__ == "__main__":
    sys.exit(main())
