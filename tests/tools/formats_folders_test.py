"""radie extract --output-dir: files named after the reports, which stay in their folder and replace
nothing."""

import os
import unittest
from pathlib import Path
from subprocess import CompletedProcess

from formats import BAD, ITEMS, TEXTS, entities_of, read_brat, read_conll
from harness import WORK, json_lines, radie, records
from html_pages import Page, shown


class Folders(unittest.TestCase):
    def run_into(self, folder: Path, name: str, lines: bytes) -> CompletedProcess[bytes]:
        return radie(
            "extract",
            "--format",
            name,
            "--output-dir",
            folder,
            "--input-format",
            "jsonl",
            "-",
            stdin=lines,
        )

    def test_files_named_after_the_ids_and_nowhere_else(self) -> None:
        stems = ["普通", "a%2Fb", "%3Ci%3E%26%22%27", "%2E%2E", "𠮷 %1B%0A", "e", "%2Df"]
        for name, endings in (
            ("brat", [".ann", ".txt"]),
            ("conll", [".conll"]),
            ("html", [".html"]),
        ):
            top = WORK / f"folders-{name}"
            folder = top / "deep/er"
            done = self.run_into(folder, name, json_lines(*ITEMS))
            self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr)
            self.assertEqual(
                sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*")),
                sorted(stem + ending for stem in stems for ending in endings),
            )
            self.assertEqual(
                [p.name for p in top.iterdir()] + [p.name for p in (top / "deep").iterdir()],
                ["deep", "er"],
            )

    def test_a_folder_below_the_inputs(self) -> None:
        """What brat's folder holds would be read as reports again."""
        top = WORK / "below"
        top.mkdir()
        (top / "b.txt").write_text("右肺に結節", encoding="utf-8")
        for inputs, folder in (
            ([top], top / "a"),
            ([f"{WORK}/belo*"], top / "a"),
            ([top / "b.txt", top], top / "c/d"),
            ([top], top),
        ):
            done = radie("extract", "--format", "brat", "--output-dir", folder, *inputs)
            self.assertEqual((done.returncode, done.stdout), (2, b""), done.stderr)
            self.assertIn(b"is one of the inputs", done.stderr)
            self.assertEqual([p for p in top.rglob("*") if p.is_file()], [top / "b.txt"])
        self.assertFalse((top / "a").exists())
        done = radie("extract", "--format", "brat", "--output-dir", top / "e", top / "b.txt")
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in ("html", "conll"):
            done = radie("extract", "--format", name, "--output-dir", top / name, top / "b.txt")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual([p.name for p in (top / name).iterdir()], [f"b.{name}"])

    def test_what_is_in_the_files(self) -> None:
        folder = WORK / "contents"
        out = records(
            radie("extract", "--input-format", "jsonl", "-", stdin=json_lines(*ITEMS)).stdout
        )
        for name in ("brat", "conll", "html"):
            self.assertEqual(self.run_into(folder / name, name, json_lines(*ITEMS)).returncode, 0)
        self.assertEqual((folder / "brat/𠮷 %1B%0A.txt").read_bytes().decode(), TEXTS[4])
        for stem, text, record in zip(["普通", "a%2Fb"], TEXTS[:2], out[:2], strict=True):
            entities, _ = read_brat((folder / f"brat/{stem}.ann").read_text(encoding="utf-8"), text)
            self.assertEqual(list(entities.values()), entities_of(record))
            self.assertEqual((folder / f"brat/{stem}.txt").read_bytes(), text.encode())
            body = (folder / f"conll/{stem}.conll").read_text(encoding="utf-8")
            self.assertEqual(read_conll(body), (text, entities_of(record)))
            page = Page((folder / f"html/{stem}.html").read_text(encoding="utf-8"))
            self.assertEqual((page.problems, page.texts), ([], [shown(text)]))

    def test_nothing_is_written_over(self) -> None:
        folder = WORK / "collisions"
        folder.mkdir()
        (folder / "old.txt").write_text("the user's own", encoding="utf-8")
        outside = WORK / "outside"
        (folder / "link.ann").symlink_to(outside)
        names = ["old", "link", "same", "same.txt", "same", "last"]
        lines = json_lines(*({"id": name, "text": f"右肺{n}"} for n, name in enumerate(names)))
        done = self.run_into(folder, "brat", lines)
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertEqual(len(done.stderr.splitlines()), 4, done.stderr)
        self.assertEqual(
            sorted(os.listdir(folder)),
            ["last.ann", "last.txt", "link.ann", "old.txt", "same.ann", "same.txt"],
        )
        self.assertEqual((folder / "old.txt").read_text(encoding="utf-8"), "the user's own")
        self.assertEqual((folder / "same.txt").read_text(encoding="utf-8"), "右肺2")
        self.assertFalse(outside.exists())

    def test_an_id_that_names_no_file_fails_alone(self) -> None:
        lines = (
            json_lines(
                {"id": "", "text": "肺"},
                {"id": "長" * 100, "text": "肺"},
                {"id": "good", "text": "肺"},
            )
            + BAD
        )
        done = self.run_into(WORK / "names", "conll", lines)
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 4))
        self.assertEqual(os.listdir(WORK / "names"), ["good.conll"])

    def test_file_names_that_are_not_utf8(self) -> None:
        path = os.fsencode(WORK) + b"/odd\xff.txt"
        with open(path, "w", encoding="utf-8") as file:
            file.write("右肺")
        done = radie("extract", "--format", "brat", "--output-dir", WORK / "odd", os.fsdecode(path))
        self.assertEqual(
            (done.returncode, sorted(os.listdir(WORK / "odd"))), (0, ["odd%FF.ann", "odd%FF.txt"])
        )

    def test_usage_and_folders_that_cannot_be(self) -> None:
        for name in ("jsonl", "table"):
            self.assertEqual(
                radie(
                    "extract", "--format", name, "--output-dir", WORK / "x", "-", stdin=b""
                ).returncode,
                2,
            )
        self.assertEqual(radie("extract", "--output-dir", WORK / "x", "-", stdin=b"").returncode, 2)
        self.assertFalse((WORK / "x").exists())
        (WORK / "file").write_text("", encoding="utf-8")
        done = radie("extract", "--format", "brat", "--output-dir", WORK / "file", "-", stdin=b"")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"file: ", done.stderr)


if __name__ == "__main__":
    unittest.main()
