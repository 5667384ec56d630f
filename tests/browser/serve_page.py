"""The page of radie serve in a real browser, without a window and without a mouse: a report is
typed and extracted, its marks, JSON and FHIR are there, hostile text stays text, nothing is asked
of anybody else, and it fits narrow, wide, light and dark.

    serve_page.py RADIE CHROMIUM [FOLDER]      FOLDER gets screenshots to look at
"""

import json
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from devtools import Browser
from serving import Server

SOURCE = Path(__file__).resolve().parents[2]
HOSTILE = (
    "<script>parent.hit=1</script><img src=x onerror='parent.hit=1'>\"'&amp;</textarea></iframe>"
    "<svg onload='parent.hit=1'>結節を認めます。"
)
TAB, ENTER, RIGHT = ("Tab", 9), ("Enter", 13), ("ArrowRight", 39)
IN_FRAME = "document.querySelector('#view').contentDocument"


def brightness(color: str) -> int:
    return sum(map(int, re.findall(r"\d+", color)[:3]))


class Checks:
    def __init__(self, browser: Browser, server: Server, folder: Path) -> None:
        self.browser, self.server, self.folder, self.problems = browser, server, folder, list[str]()

    def check(self, holds: bool, what: str) -> None:
        if not holds:
            self.problems.append(what)

    def extract(self, text: str) -> None:
        """As a user without a mouse does."""
        browser = self.browser
        browser.value(
            "document.querySelector('#text').value = ''; document.querySelector('#text').focus()"
        )
        browser.type(text)
        browser.value("document.querySelector('#status').textContent = ''")
        browser.key(*ENTER, modifiers=2)
        browser.wait_for("/^所見/.test(document.querySelector('#status').textContent)")
        browser.wait_for(f"!!({IN_FRAME} && {IN_FRAME}.querySelector('.text'))")

    def sample(self) -> None:
        text = (SOURCE / "examples/reports/01_chest_nodule.txt").read_text(encoding="utf-8")
        self.extract(text)
        record = self.server.extract(text.encode(), query="?id=report&include_text=true").json()
        self.check(
            json.loads(self.browser.value("document.querySelector('#json').textContent")) == record,
            "the JSON is not the server's",
        )
        fhir = json.loads(self.browser.value("document.querySelector('#fhir').textContent"))
        self.check(fhir["resourceType"] == "Bundle", "no FHIR")
        marks = self.browser.value(f"{IN_FRAME}.querySelectorAll('.text .e').length")
        self.check(
            marks == len(record["entities"]) > 5,
            f"{marks} marks for {len(record['entities'])} entities",
        )
        rows = self.browser.value(f"{IN_FRAME}.querySelectorAll('tbody tr').length")
        self.check(
            rows == len(record["findings"]), f"{rows} rows for {len(record['findings'])} findings"
        )
        self.check(
            self.browser.value(f"{IN_FRAME}.querySelectorAll('tbody .c').length") > 0,
            "no certainty is shown",
        )
        shown = self.browser.value("document.querySelector('#view').clientHeight")
        needed = self.browser.value(f"{IN_FRAME}.documentElement.scrollHeight")
        self.check(shown >= needed, f"the frame shows {shown} of {needed} pixels")

    def keyboard(self) -> None:
        """Everything is reached by Tab, in order; the tabs turn by arrows."""
        browser = self.browser
        browser.value("document.querySelector('#text').focus()")
        seen = []
        for _ in range(6):
            browser.key(*TAB)
            seen.append(
                browser.value("document.activeElement.id || document.activeElement.tagName")
            )
        self.check(
            seen == ["run", "file", "sample", "SUMMARY", "tab-view", "view"],
            f"order of Tab: {seen}",
        )
        browser.value("document.querySelector('#tab-view').focus()")
        for name in ("json", "fhir", "view", "json"):
            browser.key(*RIGHT)
            self.check(
                browser.value("document.activeElement.id") == f"tab-{name}",
                f"the arrow does not lead to {name}",
            )
            self.check(
                not browser.value(f"document.querySelector('#panel-{name}').hidden"),
                f"{name} is not shown",
            )
        self.check(
            browser.value(
                "[...document.querySelectorAll('[role=tabpanel]')].filter(p => !p.hidden).length"
            )
            == 1,
            "two panels at once",
        )
        browser.value("document.querySelector('#tab-view').click()")

    def sent_and_saved(self) -> None:
        browser = self.browser
        browser.value("""window.saved = null; const click = HTMLAnchorElement.prototype.click;
            HTMLAnchorElement.prototype.click = function() {
              if (this.download) saved = [this.download, this.href]; else click.call(this);
            };""")
        for name, kind in (
            ("json", "report.json"),
            ("fhir", "report.fhir.json"),
            ("view", "report.html"),
        ):
            browser.value(
                f"document.querySelector('#tab-{name}').click(); "
                "document.querySelector('#save').click()"
            )
            self.check(
                browser.value("saved && saved[0]") == kind
                and browser.value("saved[1].startsWith('blob:')"),
                f"{kind} is not saved",
            )
        browser.value(
            "document.querySelector('#tab-json').click(); window.copied = null;"
            "navigator.clipboard.writeText = (text) => { copied = text; return Promise.resolve(); "
            "};"
            "document.querySelector('#copy').click()"
        )
        browser.wait_for("/コピーしました/.test(document.querySelector('#status').textContent)")
        self.check(
            browser.value("copied === document.querySelector('#json').textContent"),
            "something else is copied",
        )

    def files(self) -> None:
        for charset in ("utf-8", "cp932"):
            path = self.folder / "報告.txt"
            path.write_bytes("左肺に結節を認めます。".encode(charset))
            node = self.browser.call("DOM.getDocument")["root"]["nodeId"]
            node = self.browser.call("DOM.querySelector", nodeId=node, selector="#file")["nodeId"]
            self.browser.value("document.querySelector('#text').value = ''")
            self.browser.call("DOM.setFileInputFiles", files=[str(path)], nodeId=node)
            self.browser.wait_for("document.querySelector('#text').value !== ''")
            self.check(
                self.browser.value("document.querySelector('#text').value")
                == "左肺に結節を認めます。",
                f"a file in {charset}",
            )

    def hostile(self) -> None:
        self.extract(HOSTILE)
        self.browser.value("new Promise(done => setTimeout(done, 300))")
        self.check(self.browser.value("window.hit === undefined"), "hostile text has run")
        self.check(
            self.browser.value(f"{IN_FRAME}.querySelectorAll('script,img,svg').length") == 0,
            "hostile text became elements",
        )
        self.check(
            "<script>parent.hit=1</script>"
            in self.browser.value(f"{IN_FRAME}.querySelector('.text').textContent"),
            "text is lost",
        )
        self.check(
            json.loads(self.browser.value("document.querySelector('#json').textContent"))["text"]
            == HOSTILE,
            "the text is another",
        )
        self.browser.value(
            f"const s = {IN_FRAME}.createElement('script'); s.textContent = 'parent.hit=1'; "
            f"{IN_FRAME}.body.append(s); 0"
        )
        self.check(self.browser.value("window.hit === undefined"), "a script in the frame runs")

    def refused(self) -> None:
        self.browser.value(
            "document.querySelector('#text').value = ' '; document.querySelector('#run').click()"
        )
        self.check(
            self.browser.value("document.querySelector('#status').className") == "bad",
            "an empty report is not refused",
        )
        self.browser.value(
            "document.querySelector('#text').value = 'x'.repeat(1100000); "
            "document.querySelector('#run').click()"
        )
        self.browser.wait_for("/413/.test(document.querySelector('#status').textContent)")
        self.check(
            self.browser.value("document.querySelector('#result').hidden"), "an old result stays"
        )

    def alone(self) -> None:
        """All requests went to the server, and the policy had nothing to forbid but what was tried
        above."""
        origin = f"http://127.0.0.1:{self.server.port}/"
        asked = [
            event["params"]["request"]["url"]
            for event in self.browser.events
            if event["method"] == "Network.requestWillBeSent"
        ]
        self.check(
            len(asked) > 5 and all(url.startswith((origin, "about:", "blob:")) for url in asked),
            f"asked elsewhere: {set(asked)}",
        )
        self.browser.value(
            f"fetch('http://127.0.0.2:{self.server.port}/healthz').then(() => "
            f"{{ window.out = 1; }}, () => {{ window.out = 0; }})"
        )
        self.check(self.browser.value("window.out") == 0, "the policy lets the page ask others")

    def looks(self) -> None:
        for width, dark in ((360, False), (800, True), (1366, False), (1366, True)):
            self.browser.look(width, dark)
            self.browser.value("document.querySelector('#tab-view').click()")
            self.sample()
            facts = self.browser.value(
                "({needed: document.documentElement.scrollWidth, ink: "
                "getComputedStyle(document.body).color,"
                "ground: getComputedStyle(document.body).backgroundColor})"
            )
            inside = self.browser.value(
                f"({{needed: {IN_FRAME}.documentElement.scrollWidth, "
                "shown: document.querySelector('#view').clientWidth,"
                f"ground: getComputedStyle({IN_FRAME}.body).backgroundColor}})"
            )
            print(width, "dark" if dark else "light", facts, inside)
            self.check(
                facts["needed"] <= width and inside["needed"] <= inside["shown"],
                f"at {width} pixels something stands outside",
            )
            self.check(
                (brightness(facts["ground"]) < brightness(facts["ink"])) == dark,
                f"dark {dark}, but {facts}",
            )
            self.check(
                (brightness(inside["ground"]) < 300) == dark,
                f"dark {dark}, but in the frame {inside}",
            )
            self.browser.screenshot(
                self.folder / f"serve_{width}_{'dark' if dark else 'light'}.png"
            )


def tokens(radie: str, chromium: str, folder: Path) -> list[str]:
    """With a token, the page says so and takes one."""
    path = folder / "tokens"
    path.write_text("correct-horse-battery-staple\n", encoding="utf-8")
    with (
        Server(radie, "--token-file", path) as server,
        Browser(chromium, folder / "second") as browser,
    ):
        browser.open(f"http://127.0.0.1:{server.port}/")
        checks = Checks(browser, server, folder)
        browser.value(
            "document.querySelector('#text').value = '結節を認めます。'; "
            "document.querySelector('#run').click()"
        )
        browser.wait_for("/401/.test(document.querySelector('#status').textContent)")
        checks.check(
            browser.value("document.querySelector('#access').open"),
            "the field for the token does not open",
        )
        browser.value("document.querySelector('#token').value = 'correct-horse-battery-staple'")
        checks.extract("結節を認めます。")
        return checks.problems


def main() -> int:
    radie, chromium = sys.argv[1:3]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        folder = Path(sys.argv[3]).resolve() if len(sys.argv) > 3 else Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        with Server(radie) as server, Browser(chromium, Path(scratch)) as browser:
            browser.open(f"http://127.0.0.1:{server.port}/")
            checks = Checks(browser, server, folder)
            browser.call("DOM.enable")
            for step in (
                checks.sample,
                checks.keyboard,
                checks.sent_and_saved,
                checks.files,
                checks.hostile,
                checks.refused,
                checks.alone,
                checks.looks,
            ):
                print(step.__name__)
                step()
        problems = checks.problems + tokens(radie, chromium, Path(scratch))
    print("\n".join(problems) or "the page works")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
