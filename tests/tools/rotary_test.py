"""A model with rotary positions: told by inspect, heeded by extract, kept by pack."""

import json
import struct
import unittest
from pathlib import Path

from harness import SAMPLES, WORK, radie, read_safetensors, tiny_model


def with_theta(name: str, theta: object) -> Path:
    """The tiny model, both of whose encoders have such a `rope_theta`."""
    header, data = read_safetensors(tiny_model())
    metadata = header["__metadata__"]
    for stage in ("entities", "relations"):
        settings = json.loads(metadata[stage])
        settings["encoder"]["rope_theta"] = theta
        metadata[stage] = json.dumps(settings)
    raw = json.dumps(header).encode()
    raw += b" " * (-len(raw) % 8)
    path = WORK / f"{name}.radie"
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + data)
    return path


def extracted(model: Path) -> bytes:
    done = radie("extract", "--format", "jsonl", *SAMPLES, model=model)
    assert done.returncode == 0, done.stderr
    return done.stdout


def thetas(model: Path) -> list[object]:
    stages = json.loads(radie("inspect", "--json", model).stdout)["stages"]
    return [stage["rope_theta"] for stage in stages]


class Rotary(unittest.TestCase):
    def test_inspect_tells(self) -> None:
        model = with_theta("rotary", 10000)
        self.assertEqual(thetas(model), [10000, 10000])
        self.assertRegex(radie("inspect", model).stdout.decode(), r"rope theta +10000")
        self.assertEqual(thetas(tiny_model()), [None, None])
        self.assertNotIn("rope theta", radie("inspect", tiny_model()).stdout.decode())

    def test_positions_matter(self) -> None:
        plain, turned = extracted(tiny_model()), extracted(with_theta("rotary", 10000))
        self.assertNotEqual(plain, turned)
        self.assertNotEqual(turned, extracted(with_theta("other", 2.5)))

    def test_a_packed_model_keeps_them(self) -> None:
        model, path = with_theta("rotary", 10000), WORK / "rotary.packed.radie"
        done = radie("pack", "--model", model, "--output", path)
        if b"has no layout of weights" in done.stderr:
            self.skipTest("no kernel set of this machine packs")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(thetas(path), [10000, 10000])
        self.assertEqual(extracted(path), extracted(model))

    def test_what_is_no_base_is_refused(self) -> None:
        for bad in (1, -5, "10000", 2e9):
            done = radie("extract", "-", stdin=b"x", model=with_theta("bad", bad))
            self.assertEqual(done.returncode, 3)
            self.assertIn("entities.encoder.rope_theta", done.stderr.decode())


if __name__ == "__main__":
    unittest.main()
