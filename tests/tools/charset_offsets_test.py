"""radie extract --encoding, --offsets source: offsets in the file's own bytes, when asked
for; the encoding changes nothing else."""

import codecs
import random
import unittest

from charsets import PYTHON, TEXTS
from harness import SAMPLES, WORK, check_record, models, radie, records, schema_problems


def pieces_of(text: str, encoding: str) -> tuple[bytes, list[tuple[int, int]]]:
    """The text in the encoding, and where each of its characters stands in it, without the
    escapes."""
    encoder = codecs.getincrementalencoder(PYTHON[encoding])()
    data, places = b"", []
    for character in text:
        data += encoder.encode(character)
        width = {"utf-8": len(character.encode()), "utf-16": 2}.get(
            encoding, 1 if character.isascii() else 2
        )
        places.append((len(data) - width, len(data)))
    return data + encoder.encode("", final=True), places


class Offsets(unittest.TestCase):
    def test_source_offsets_are_those_of_the_files_bytes(self) -> None:
        pool = "右左肺上葉に結節影を認めます。胸水なし、－12.5mm×S8　\r\nＣＴ"
        source = random.Random(3)
        texts = TEXTS + [
            "".join(source.choices(pool, k=source.randrange(1, 120))) for _ in range(12)
        ]
        for model in models():
            for encoding in PYTHON:
                mentions = 0
                folder = WORK / f"source-{encoding}-{model.stem}"
                folder.mkdir()
                data_of = {}
                for number, text in enumerate(texts):
                    if encoding in ("euc-jp", "iso-2022-jp"):
                        text = text.replace("－", "−")
                    data_of[f"{number:02}.txt"] = data, places = pieces_of(text, encoding)
                    (folder / f"{number:02}.txt").write_bytes(data)
                points = records(
                    radie(
                        "extract", "--include-text", "--encoding", encoding, folder, model=model
                    ).stdout
                )
                done = radie(
                    "extract", "--encoding", encoding, "--offsets", "source", folder, model=model
                )
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                for record, by_point in zip(records(done.stdout), points, strict=True):
                    check_record(by_point, by_point["text"])
                    self.assertEqual(schema_problems(record), [])
                    self.assertEqual(
                        (record["offset_unit"], record["encoding"]), ("source", encoding)
                    )
                    data, places = data_of[record["id"]]
                    if encoding == "utf-16":
                        places = [(0, 2), *places]
                    for entity, same in zip(record["entities"], by_point["entities"], strict=True):
                        self.assertEqual(entity["text"], same["text"])
                        self.assertEqual(
                            (entity["start"], entity["end"]),
                            (places[same["start"]][0], places[same["end"] - 1][1]),
                        )
                        if encoding in ("cp932", "euc-jp", "utf-8"):
                            self.assertEqual(
                                data[entity["start"] : entity["end"]].decode(PYTHON[encoding]),
                                entity["text"],
                            )
                        mentions += 1
                self.assertGreater(mentions, 10, encoding)

    def test_the_encoding_changes_nothing_else(self) -> None:
        for model in models():
            for path in SAMPLES[:2]:
                text = path.read_bytes().decode()
                plain = radie("extract", "-", stdin=text.encode(), model=model).stdout
                done = radie(
                    "extract", "--encoding", "cp932", "-", stdin=text.encode("cp932"), model=model
                )
                self.assertEqual(done.stdout, plain)
                done = radie(
                    "extract",
                    "--encoding",
                    "SJIS",
                    "--format",
                    "table",
                    "-",
                    stdin=text.encode("cp932"),
                    model=model,
                )
                self.assertEqual(
                    done.stdout,
                    radie(
                        "extract", "--format", "table", "-", stdin=text.encode(), model=model
                    ).stdout,
                )


if __name__ == "__main__":
    unittest.main()
