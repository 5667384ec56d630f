"""A model whose text.normalization is a list of steps: what it finds lies in the report, and never
in what is cut."""

import json
import struct
import unittest
from pathlib import Path
from typing import Any

from harness import WORK, check_record, json_lines, radie, read_safetensors, records, tiny_model

STEPS = [
    {"cut_header": "【所見】"},
    {"cut_footer": "^(以上|読影医)"},
    "nfkc",
    "neologdn",
    "h2z",
    "newline_to_stop",
]
HEADER = "検査日：5月3日 胸部CT\r\n依頼科：内科\r\n【所見】"
BODY = "右肺上葉に８㎜の結節を認める。\r\n胸水ーーなし、ｶﾞｽ像 増大。"
FOOTER = "\n以上\n読影医：肝 臓太 結節"


def with_steps(name: str, steps: Any) -> Path:
    header, data = read_safetensors(tiny_model())
    text = json.loads(header["__metadata__"]["text"])
    header["__metadata__"]["text"] = json.dumps({**text, "normalization": steps})
    raw = json.dumps(header).encode()
    raw += b" " * (-len(raw) % 8)
    path = WORK / f"{name}.radie"
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + data)
    return path


class Steps(unittest.TestCase):
    def test_mentions_lie_where_they_were_found(self) -> None:
        model = with_steps("steps", STEPS)
        report = HEADER + BODY + FOOTER
        for unit in ("codepoint", "utf8", "utf16"):
            done = radie(
                "extract",
                "--format",
                "jsonl",
                "--offsets",
                unit,
                "--input-format",
                "jsonl",
                "-",
                stdin=json_lines({"text": report}),
                model=model,
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            record = records(done.stdout)[0]
            check_record(record, report)
            self.assertGreater(len(record["entities"]), 3)
        begin, end = len(HEADER), len(HEADER + BODY)
        done = radie(
            "extract",
            "--format",
            "jsonl",
            "--input-format",
            "jsonl",
            "-",
            stdin=json_lines({"text": report}),
            model=model,
        )
        spans = [
            (e["start"], e["end"], e["text"], e["type"])
            for e in records(done.stdout)[0]["entities"]
        ]
        self.assertTrue(all(begin <= a < b <= end + 1 for a, b, _, _ in spans), spans)
        # The same as the body by itself has, further on.
        alone = radie(
            "extract",
            "--format",
            "jsonl",
            "--input-format",
            "jsonl",
            "-",
            stdin=json_lines({"text": BODY + "\n"}),
            model=model,
        )
        moved = [
            (e["start"] + begin, e["end"] + begin, e["text"], e["type"])
            for e in records(alone.stdout)[0]["entities"]
        ]
        self.assertEqual(spans, moved)

    def test_tokens_are_those_of_the_steps(self) -> None:
        done = radie(
            "tokenize",
            "--model",
            with_steps("steps", STEPS),
            "--format",
            "jsonl",
            "--input-format",
            "jsonl",
            "-",
            stdin=json_lines({"text": HEADER + "８㎜ーー\r\n"}),
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        tokens = records(done.stdout)[0]["tokens"]
        at = len(HEADER)
        self.assertEqual(
            [(t["start"] - at, t["end"] - at) for t in tokens],
            [(0, 1), (1, 2), (1, 2), (2, 4), (4, 6)],
        )

    def test_what_is_all_cut_has_nothing(self) -> None:
        done = radie(
            "extract",
            "--format",
            "jsonl",
            "--input-format",
            "jsonl",
            "-",
            stdin=json_lines({"text": "以上"}, {"text": ""}),
            model=with_steps("steps", STEPS),
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([r["entities"] for r in records(done.stdout)], [[], []])

    def test_given_mentions_that_are_cut_are_related_to_nothing(self) -> None:
        types = ["Anatomical_entity", "Imaging_observation"]
        given = [
            {"start": 0, "end": 3, "type": types[0]},
            {"start": len(HEADER), "end": len(HEADER) + 4, "type": types[1]},
        ]
        done = radie(
            "extract",
            "--stage",
            "relations",
            "--format",
            "jsonl",
            "--input-format",
            "jsonl",
            "-",
            stdin=json_lines({"text": HEADER + BODY, "entities": given}),
            model=with_steps("steps", STEPS),
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        record = records(done.stdout)[0]
        self.assertEqual([e["start"] for e in record["entities"]], [0, len(HEADER)])
        self.assertEqual(record["relations"], [])

    def test_inspect_names_the_steps(self) -> None:
        line = (
            'cut_header "【所見】", cut_footer "^(以上|読影医)", '
            "nfkc, neologdn, h2z, newline_to_stop"
        )
        model = with_steps("steps", STEPS)
        self.assertIn(line, radie("inspect", model).stdout.decode())
        facts = json.loads(radie("inspect", "--json", model).stdout)
        self.assertEqual(facts["text"]["normalization"], line)

    def test_bad_patterns(self) -> None:
        for steps, message in (
            (["nfkc", {"cut": "(["}], "text.normalization[1].cut: no regular expression"),
            (
                [{"cut_header": "a" * 1001}],
                "text.normalization[0].cut_header: a pattern of 1001 bytes",
            ),
            (["nfd"], 'text.normalization[0]: this version knows no step "nfd"'),
        ):
            done = radie("extract", "-", stdin=b"x", model=with_steps("bad", steps))
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(message, done.stderr.decode())

    def test_a_report_on_which_a_pattern_would_take_long_has_an_error_of_its_own(self) -> None:
        hostile, plain = "肺" * 9_000, "肺に結節"
        done = radie(
            "extract",
            "--format",
            "jsonl",
            "--input-format",
            "jsonl",
            "-",
            stdin=json_lines({"text": hostile}, {"text": plain}),
            model=with_steps("slow", [{"cut": "(肺+)+b"}]),
        )
        first, second = records(done.stdout)
        self.assertEqual(first["error"]["code"], "limit_exceeded")
        self.assertIn("text.normalization[0].cut takes too many steps", first["error"]["message"])
        self.assertNotIn("肺", first["error"]["message"])
        self.assertNotIn("error", second)


if __name__ == "__main__":
    unittest.main()
