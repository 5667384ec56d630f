"""radie extract --stage: entities alone, relations between given entities."""

import unittest
from typing import Any

from harness import TEXTS, check_record, json_lines, models, radie, records


class Stages(unittest.TestCase):
    def test_entities_alone(self) -> None:
        for model in models():
            lines = json_lines(*({"id": str(n), "text": t} for n, t in enumerate(TEXTS)))
            both = records(
                radie("extract", "--input-format", "jsonl", stdin=lines, model=model).stdout
            )
            done = radie(
                "extract",
                "--stage",
                "entities",
                "--input-format",
                "jsonl",
                stdin=lines,
                model=model,
            )
            for one, other, text in zip(records(done.stdout), both, TEXTS, strict=True):
                check_record(one, text)
                self.assertEqual(one["relations"], [])
                self.assertEqual(one["entities"], other["entities"])

    def test_relations_alone_give_what_both_give(self) -> None:
        for model in models():
            for unit in ("codepoint", "utf8", "utf16"):
                options = ["--input-format", "jsonl", "--offsets", unit]
                both = records(
                    radie(
                        "extract",
                        *options,
                        stdin=json_lines(*({"text": t} for t in TEXTS)),
                        model=model,
                    ).stdout
                )
                items = []
                for record, text in zip(both, TEXTS, strict=True):
                    entities = [
                        {k: e[k] for k in ("id", "type", "start", "end")}
                        for e in record["entities"]
                    ]
                    items.append({"text": text, "entities": entities[::-1]})
                done = radie(
                    "extract",
                    *options,
                    "--stage",
                    "relations",
                    stdin=json_lines(*items),
                    model=model,
                )
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                for one, other in zip(records(done.stdout), both, strict=True):
                    self.assertEqual(one["relations"], other["relations"])
                    for finding in one["findings"] + other["findings"]:
                        del finding["certainty"]["confidence"]  # given entities are sure
                    self.assertEqual(one["findings"], other["findings"])
                    self.assertTrue(all(e["confidence"] == 1 for e in one["entities"]))

    def test_output_can_be_fed_back_whatever_unit_it_is_in(self) -> None:
        lines = json_lines(*({"text": t} for t in TEXTS))
        written = radie(
            "extract", "--input-format", "jsonl", "--offsets", "utf8", "--include-text", stdin=lines
        )
        done = radie(
            "extract", "--input-format", "jsonl", "--stage", "relations", stdin=written.stdout
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for one, other in zip(records(done.stdout), records(written.stdout), strict=True):
            self.assertEqual(one["relations"], other["relations"])

    def test_bad_entities_are_that_reports_error(self) -> None:
        good = {"type": "Imaging_observation", "start": 0, "end": 2}
        cases = [
            (None, "invalid_input"),
            ([{**good, "end": 99}], "invalid_argument"),
            ([{**good, "end": 0}], "invalid_argument"),
            ([good, {**good, "start": 1, "end": 3}], "invalid_argument"),
            ([{**good, "type": "Nothing"}], "invalid_argument"),
            ([{"start": 0, "end": 2}], "invalid_input"),
            ([{**good, "start": -1}], "invalid_input"),
        ]
        for entities, code in cases:
            item: dict[str, Any] = {"id": "x", "text": "結節を認める"}
            if entities is not None:
                item["entities"] = entities
            done = radie(
                "extract", "--stage", "relations", "--input-format", "jsonl", stdin=json_lines(item)
            )
            self.assertEqual(done.returncode, 1)
            self.assertEqual(records(done.stdout)[0]["error"]["code"], code, entities)


if __name__ == "__main__":
    unittest.main()
