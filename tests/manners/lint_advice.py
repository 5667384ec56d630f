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


def check_rooms(root: Path) -> None:
    """Where the sources of a unit stand; nowhere if the build has written them."""
    build = root / "build"
    together, written = build / "a.dir/Unity/unity_0_cxx.cxx", build / "pages.cc"
    together.parent.mkdir(parents=True)
    together.write_text(f'/* two files */\n#include "{root}/room/a.cc"\n', encoding="utf-8")
    written.write_text(f'#include "{root}/room/a.h"\n', encoding="utf-8")
    rooms = [lint_units.room_of(path, build) for path in (together, written, root / "room/a.cc")]
    assert rooms == ["room", "", "room"], rooms
    assert lint_units.room_of(Path("/usr/include/a.cc"), build) == ""


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
        tool, looked_at = lint_units.Tool(), lint_units.Unit("unit.cc", "", unit.parent, ["c++"])
        before = tool.digest(looked_at, b"1")
        assert tool.digest(looked_at, b"1") == before != tool.digest(looked_at, b"2")
        inner.write_text("#include <vector>\n\n", encoding="utf-8")
        assert tool.digest(looked_at, b"1") != before
        check_rooms(lint_units.ROOT)
    print("advice is kept and left as it is said")
    return 0


if __name__ == "__main__":
    sys.exit(main())
