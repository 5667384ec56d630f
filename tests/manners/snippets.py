"""The snippets of the documentation are true: C++ compiles against the public headers, JSON parses,
shell parses or runs, links lead somewhere.

    snippets.py SOURCE_DIR CXX [BIN_DIR]

By the first word after a fence: `cpp` with an #include is a translation unit, without one the body
of a function in which `model`, `extractor`, `text` and `report` are declared; `c` a translation
unit in C99; `json` one document, `jsonl` one a line (an … before a closing bracket stands for what
is left out); `sh` is parsed by bash, `python` by Python (tests/python runs it). A second word
changes that: `sh run` is run in a copy of examples/ with radie in PATH, `… skip` is left alone. One
with `radie serve` is run where the command has it and curl is there, and otherwise parsed.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

WRAPPER = """#include <cstddef>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include "radie/radie.h"
[[maybe_unused]] static void Snippet(const std::shared_ptr<const radie::Model>& model,
                                     const radie::Extractor& extractor, std::string_view text,
                                     const radie::StructuredReport& report) {
  (void)model, (void)extractor, (void)text, (void)report;
  {
%s
  }
}
"""


class Snippet(NamedTuple):
    where: str
    language: str
    mark: str
    body: str


def snippets_of(name: str, text: str) -> list[Snippet]:
    found: list[Snippet] = []
    start, mark = 0, ""
    language: str | None = None
    lines: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        fence = re.match(r"^\s*```\s*(\w*)\s*(\w*)", line)
        if fence and language is None:
            start, language, mark, lines = number, fence[1], fence[2], []
        elif fence and language is not None:
            found.append(Snippet(f"{name}:{start}", language, mark, "\n".join(lines) + "\n"))
            language = None
        elif language is not None:
            lines.append(line)
    if language is not None:
        found.append(Snippet(f"{name}:{start}", "unclosed", "", ""))
    return found


def dead_links(root: Path, page: Path, text: str) -> list[str]:
    prose = re.sub(r"```.*?```", "", text, flags=re.S)
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose)
    # Pages also name files in prose: docs/output.md and its like must exist.
    named = (
        r"(?<![\w/.])((?:docs|tools|examples|tests|libradie|include)/[\w/.-]*\w"
        r"\.(?:md|sh|json|h|cc|py))"
    )
    targets_in_prose = re.findall(named, re.sub(r"\]\([^)]*\)", "", prose))
    problems = [
        f"{page}: link to {target}, which is not there"
        for target in targets
        if "://" not in target
        and not target.startswith("mailto:")
        and not (root / page.parent / target).exists()
        and not (root / target).exists()
    ]
    return problems + [
        f"{page}: names {target}, which is not there"
        for target in sorted(set(targets_in_prose))
        if not (root / target).exists() and not (root / page.parent / target).exists()
    ]


def run(command: list[str], **options: Any) -> str:
    """Empty when all went well, else the end of what it printed."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, **options
    )
    return (
        ""
        if done.returncode == 0
        else (done.stdout + done.stderr)[-1500:] or f"exit {done.returncode}"
    )


class Checker:
    def __init__(self, root: Path, cxx: str, bin_dir: Path | None, work: Path) -> None:
        self.root, self.cxx, self.bin_dir, self.work = root, cxx, bin_dir, work
        version = (
            subprocess.run(
                [bin_dir / "radie", "--version"], capture_output=True, text=True, check=True
            ).stdout
            if bin_dir
            else ""
        )
        self.serves = "RADIE_WITH_SERVE: on" in version and bool(shutil.which("curl"))
        shutil.copytree(root / "examples", work / "examples", dirs_exist_ok=True)

    def check(self, snippet: Snippet) -> str:
        if snippet.mark == "skip":
            return ""
        method = getattr(self, f"check_{snippet.language}", None)
        return method(snippet) if method else ""

    def check_unclosed(self, _: Snippet) -> str:
        return "the fence is not closed"

    def check_cpp(self, snippet: Snippet) -> str:
        source = self.work / "snippet.cc"
        source.write_text(
            snippet.body if "#include" in snippet.body else WRAPPER % snippet.body, encoding="utf-8"
        )
        return run(
            [
                self.cxx,
                "-std=c++20",
                "-Wall",
                "-Wextra",
                "-Wno-unused",
                "-fsyntax-only",
                "-I",
                str(self.root / "include"),
                str(source),
            ]
        )

    def check_c(self, snippet: Snippet) -> str:
        source = self.work / "snippet.c"
        source.write_text(snippet.body, encoding="utf-8")
        return run(
            [
                self.cxx,
                "-x",
                "c",
                "-std=c99",
                "-Wall",
                "-Wextra",
                "-pedantic-errors",
                "-fsyntax-only",
                "-I",
                str(self.root / "include"),
                str(source),
            ]
        )

    def check_json(self, snippet: Snippet) -> str:
        return self.check_documents([snippet.body])

    def check_jsonl(self, snippet: Snippet) -> str:
        return self.check_documents(snippet.body.splitlines())

    def check_documents(self, documents: list[str]) -> str:
        for document in documents:
            try:
                json.loads(
                    re.sub(r",?\s*…", "", document)
                    if "…}" in document or "…]" in document
                    else document
                )
            except ValueError as error:
                return f"not JSON: {error}"
        return ""

    def check_python(self, snippet: Snippet) -> str:
        try:
            compile(snippet.body, snippet.where, "exec")
        except SyntaxError as error:
            return str(error)
        return ""

    def check_sh(self, snippet: Snippet) -> str:
        if snippet.mark != "run":
            return run(["bash", "-n", "-c", snippet.body])
        if self.bin_dir is None:
            return ""
        if "radie serve" in snippet.body and not self.serves:
            return run(["bash", "-n", "-c", snippet.body])
        path = f"{self.bin_dir}:{os.environ['PATH']}"
        return run(
            ["bash", "-euo", "pipefail", "-c", snippet.body],
            cwd=self.work,
            env={**os.environ, "PATH": path},
        )

    check_bash = check_sh


def self_test(checker: Checker) -> None:
    page = (
        "```cpp\nradie::StructuredReport r = extractor.Extract(text);\n```\n```cpp\nradie::NoSuch "
        "x;\n```\n```json\n{]\n```\n"
        "```sh\nif then\n```\n```cpp\n#include <vector>\nstd::vector<int> v;\n```\n```cpp "
        "skip\nnonsense\n```\n```python\nif x\n```\n```json\n{}\n"
    )
    results = [bool(checker.check(snippet)) for snippet in snippets_of("page", page)]
    assert results == [False, True, True, True, False, False, True, True], results
    assert (
        len(
            dead_links(
                checker.root, Path("README.md"), "[a](docs/none.md) [b](LICENSE) docs/gone.md"
            )
        )
        == 2
    )


def main() -> int:
    root, cxx = Path(sys.argv[1]).resolve(), sys.argv[2]
    bin_dir = Path(sys.argv[3]).resolve() if len(sys.argv) > 3 else None
    pages = sorted({*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("examples/*.md")})
    problems, count = [], 0
    with tempfile.TemporaryDirectory() as folder:
        checker = Checker(root, cxx, bin_dir, Path(folder))
        self_test(checker)
        for page in pages:
            text = page.read_text(encoding="utf-8")
            problems += dead_links(root, page.relative_to(root), text)
            for snippet in snippets_of(str(page.relative_to(root)), text):
                count += 1
                if trouble := checker.check(snippet):
                    problems.append(f"{snippet.where} ({snippet.language}): {trouble}")
    print("\n".join(problems) or f"{count} snippets on {len(pages)} pages hold")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
