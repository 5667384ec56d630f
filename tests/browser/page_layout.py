"""The HTML pages of extract and eval in a real browser, without a window: they fit narrow and wide
screens, follow the dark setting, and their policy lets no script run.

    page_layout.py RADIE CHROMIUM
"""

import json
import re
import subprocess
import sys
import tempfile
from html import escape, unescape
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>\n')
# What is measured goes into the outermost page, where --dump-dom shows it.
PROBE = """<script>
document.querySelectorAll('details').forEach(d => { d.open = true; });
const boxes = [...document.querySelectorAll('.e,.n,.b,.x,td,th,h2,li')]
  .map(e => [e, e.getBoundingClientRect()]);
parent.document.body.dataset.probe = JSON.stringify({
  width: innerWidth, needed: document.documentElement.scrollWidth,
  outside: boxes.filter(([e, r]) => r.width && (r.left < 0 || r.right > innerWidth + 1) &&
    getComputedStyle(e.closest('thead') || e).position !== 'absolute').length,
  mentions: document.querySelectorAll('.text .e').length,
  unseen: [...document.querySelectorAll('.text .e')].filter(e => !e.getClientRects().length).length,
  ink: getComputedStyle(document.body).color,
  ground: getComputedStyle(document.body).backgroundColor});
</script></body>"""


def dom(chromium: str, folder: Path, page: str, width: int, *flags: str) -> str:
    """The document after loading. The page is in a frame of the width: a window cannot be as narrow
    as a telephone."""
    frame = (
        f'<iframe style="border:0" width="{width}" height="900" srcdoc="{escape(page)}"></iframe>'
    )
    page = f'<!DOCTYPE html><body style="margin:0">{frame}</body>'
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    command = [
        chromium,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--user-data-dir={folder}/profile",
        "--window-size=2000,1000",
        *flags,
        "--dump-dom",
        path.as_uri(),
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=180, check=True).stdout


def brightness(color: str) -> int:
    return sum(map(int, re.findall(r"\d+", color)[:3]))


def extracted(radie: str, folder: Path) -> str:
    """What extract makes of the samples."""
    del folder
    reports = sorted((SOURCE / "examples/reports").glob("*.txt"))
    return subprocess.run(
        [radie, "extract", "--format", "html", *map(str, reports)],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    ).stdout


def compared(radie: str, folder: Path) -> str:
    """What eval makes of the samples' records, held against the same with mistakes of every kind in
    them."""
    reports = sorted((SOURCE / "examples/reports").glob("*.txt"))
    done = subprocess.run(
        [radie, "extract", "--format", "jsonl", "--include-text", *map(str, reports)],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    wrong = []
    for line in done.stdout.splitlines():
        record = json.loads(line)
        for n, entity in enumerate(record["entities"]):
            entity["end"] -= n % 5 == 1 and entity["end"] - entity["start"] > 1
            entity["type"] = "Clinical_finding" if n % 7 == 2 else entity["type"]
        gone = {entity["id"] for entity in record["entities"][::6]}
        record["findings"] = [f for f in record["findings"] if f["object"] not in gone]
        record["entities"] = [entity for entity in record["entities"] if entity["id"] not in gone]
        record["relations"] = [
            r
            for n, r in enumerate(record["relations"])
            if n % 4 and not gone & {r["head"], r["tail"]}
        ]
        wrong.append(json.dumps(record))
    for name, lines in (("gold.jsonl", done.stdout), ("found.jsonl", "\n".join(wrong[1:]) + "\n")):
        (folder / name).write_text(lines, encoding="utf-8")
    code = subprocess.run(
        [
            radie,
            "eval",
            folder / "gold.jsonl",
            folder / "found.jsonl",
            "--html",
            folder / "eval.html",
            "--resamples",
            "50",
        ],
        capture_output=True,
        timeout=300,
        check=False,
    ).returncode
    assert code == 1, code  # a report of the gold ones has no prediction
    return (folder / "eval.html").read_text(encoding="utf-8")


def check(page: str, chromium: str, folder: Path) -> list[str]:
    assert POLICY.search(page) and page.count("</body>") == 1
    problems = []
    probed = POLICY.sub("", page).replace("</body>", PROBE)
    for width, dark in (
        (320, False),
        (420, False),
        (730, False),
        (1210, True),
        (1366, False),
        (1920, False),
    ):
        flags = ["--blink-settings=preferredColorScheme=0", "--force-dark-mode"] if dark else []
        found = re.search(r'data-probe="([^"]*)"', dom(chromium, folder, probed, width, *flags))
        if not found:
            return ["the probe did not run"]
        seen = json.loads(unescape(found[1]))
        print(width, seen)
        if seen["width"] != width or seen["needed"] > width or seen["outside"]:
            problems.append(f"at {width} pixels something stands outside the page")
        if seen["mentions"] < 50 or seen["unseen"]:
            problems.append(
                f"at {width} pixels {seen['unseen']} of {seen['mentions']} mentions are not shown"
            )
        if (brightness(seen["ground"]) < brightness(seen["ink"])) != dark:
            problems.append(f"dark setting {dark}, but {seen['ink']} on {seen['ground']}")
    if "data-probe" in dom(chromium, folder, page.replace("</body>", PROBE), 1366):
        problems.append("a script in the page ran")
    return problems


def main() -> int:
    problems = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for make in (extracted, compared):
            print(make.__name__)
            problems += [
                f"{make.__name__}: {problem}"
                for problem in check(make(sys.argv[1], Path(folder)), sys.argv[2], Path(folder))
            ]
    print("\n".join(problems) or "the pages fit and no script runs")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
