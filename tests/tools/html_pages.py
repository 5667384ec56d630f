"""What the tests of HTML pages share: a page taken apart, what every page must be."""

import html.parser
import re
import unittest

VOID = {"meta", "br", "img", "link", "hr", "input"}


class Page(html.parser.HTMLParser):
    """Takes a page apart and notes whatever is not well-formed."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.stack: list[tuple[str, dict[str, str]]] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.texts: list[str] = []  # of each report, badges left out
        self.names: list[str] = []
        self.style = ""
        self.failures = 0
        self.feed(page)
        self.close()
        self.problems += [f"<{tag}> is never closed" for tag, _ in self.stack]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if len(facts) < len(attrs):
            self.problems.append(f"<{tag}> has an attribute twice")
        if any(
            name.startswith("on") or name in ("src", "srcset", "action", "data") for name in facts
        ):
            self.problems.append(f"<{tag}> has {sorted(facts)}")
        if "href" in facts:
            self.targets.append(facts["href"])
        if "id" in facts:
            self.ids.append(facts["id"])
        self.elements.append((tag, facts))
        if tag == "div" and facts.get("class") == "text":
            self.texts.append("")
        if tag == "h2" and facts.get("id", "").endswith("-name"):
            self.names.append("")
        self.failures += facts.get("class") == "fail"
        if tag not in VOID:
            self.stack.append((tag, facts))

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack[-1][0] != tag:
            self.problems.append(f"</{tag}> closes {self.stack[-1:]}")
        else:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        classes = {word for _, facts in self.stack for word in facts.get("class", "").split()}
        if "text" in classes and not classes & {"n", "b", "x", "none"}:
            self.texts[-1] += data
        if (
            self.stack
            and self.stack[-1][0] == "h2"
            and self.stack[-1][1].get("id", "").endswith("-name")
        ):
            self.names[-1] += data
        if self.stack and self.stack[-1][0] == "style":
            self.style += data

    def handle_comment(self, data: str) -> None:
        self.problems.append("a comment")

    def count(self, tag: str) -> int:
        return sum(element == tag for element, _ in self.elements)


def shown(text: str) -> str:
    """What a page may show of a text."""
    text = re.sub("\r\n?", "\n", text)
    return re.sub(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", "\ufffd", text
    )


def check_page(test: unittest.TestCase, page: Page) -> None:
    """Well-formed, links that lead somewhere, nothing that could load or run."""
    test.assertEqual(page.problems, [])
    test.assertEqual(len(page.ids), len(set(page.ids)), "ids are unique")
    for target in page.targets:
        test.assertTrue(target.startswith("#") and target[1:] in page.ids, target)
    for forbidden in ("script", "img", "iframe", "link", "object", "form", "b", "i"):
        test.assertEqual(page.count(forbidden), 0, forbidden)
    for tag in ("html", "head", "body", "main", "header", "footer", "h1", "title", "style"):
        test.assertGreaterEqual(page.count(tag), 1, tag)
    test.assertIn(("html", {"lang": "ja"}), page.elements)
    policy = [
        facts["content"]
        for _, facts in page.elements
        if facts.get("http-equiv") == "Content-Security-Policy"
    ]
    test.assertEqual(policy, ["default-src 'none'; style-src 'unsafe-inline'"])
    test.assertNotRegex(page.style, r"url\(|@import|https?:")
