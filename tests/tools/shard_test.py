"""--shard: the shards' records, one of each in turn, are the whole run's."""

import unittest
from itertools import zip_longest

from bulk import Case, made_lines
from harness import SAMPLES, json_lines, radie


class Shards(Case):
    def interleaved(self, outputs: list[bytes]) -> bytes:
        rows = zip_longest(*[output.splitlines(keepends=True) for output in outputs], fillvalue=b"")
        return b"".join(line for row in rows for line in row)

    def test_the_union_is_the_whole(self) -> None:
        self.input.write_bytes(
            made_lines(60)
            + b"x" * (17 << 20)
            + b"\n"
            + json_lines({"id": "last", "text": "肺炎。"})
        )
        (self.folder / "bad.txt").write_bytes(b"\xff")
        inputs = [
            *SAMPLES,
            self.input,
            self.folder / "gone.txt",
            self.folder / "bad.txt",
            SAMPLES[0],
        ]
        whole = self.extract(*inputs)
        self.assertEqual(whole.returncode, 1)
        for count in (1, 2, 3, 7):
            parts = []
            for number in range(1, count + 1):
                part = self.extract("--shard", f"{number}/{count}", *inputs)
                self.assertIn(
                    b"gone.txt", part.stderr
                )  # a file that cannot be read fails every shard
                self.assertEqual(part.returncode, 1)
                parts.append(part.stdout)
            self.assertEqual(self.interleaved(parts), whole.stdout, count)

    def test_more_shards_than_reports(self) -> None:
        self.input.write_bytes(json_lines({"id": "a", "text": "肺炎。"}))
        self.assertEqual(
            self.extract("--shard", "1/3", self.input).stdout, self.extract(self.input).stdout
        )
        empty = self.extract("--shard", "2/3", self.input)
        self.assertEqual((empty.returncode, empty.stdout, empty.stderr), (0, b"", b""))

    def test_hl7(self) -> None:
        message = (
            "MSH|^~\\&|A|B|C|D|20260131||ORU^R01|1|P|2.5||||||UNICODE UTF-8\rPID|1||P\rOBR|1||X\r"
            "OBX|1|TX|18782-3^^LN||右肺上葉に結節を認めます。||||||F\r"
        )
        self.input = self.folder / "in.hl7"
        self.input.write_bytes(message.encode() * 5)
        whole = self.extract(self.input)
        self.assertEqual((whole.returncode, whole.stdout.count(b"\n")), (0, 5), whole.stderr)
        parts = [self.extract("--shard", f"{n}/2", self.input).stdout for n in (1, 2)]
        self.assertEqual(self.interleaved(parts), whole.stdout)

    def test_a_shard_is_resumed(self) -> None:
        self.input.write_bytes(made_lines(60))
        part = self.extract("--shard", "2/3", self.input)
        lines = made_lines(60).splitlines(keepends=True)
        self.input.write_bytes(b"".join(lines[:31]))
        self.extract("--shard", "2/3", "--output", self.output, self.input)
        self.input.write_bytes(b"".join(lines))
        self.extract("--shard", "2/3", "--output", self.output, "--resume", self.input)
        self.assertEqual(self.output.read_bytes(), part.stdout)
        self.refused("--shard", "3/3", "--resume", self.input, says="shard was 2/3 and is 3/3")

    def test_usage(self) -> None:
        for wrong in (
            "0/2",
            "3/2",
            "1",
            "/",
            "1/",
            "1/0",
            "-1/2",
            "1/2/3",
            "a/b",
            "1/1000001",
            " 1/2",
            "1.0/2",
        ):
            done = radie("extract", f"--shard={wrong}", SAMPLES[0])
            self.assertEqual(done.returncode, 2, wrong)
            self.assertIn(b"--shard", done.stderr)


if __name__ == "__main__":
    unittest.main()
