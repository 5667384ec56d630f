"""radie serve: the same bytes as the command line."""

import concurrent.futures
import os
import re
import unittest

from harness import DEMO_MODEL, RADIE, SAMPLES, SOURCE, WORK, json_lines, radie, tiny_model
from serving import HL7, NDJSON, Server


class SameBytes(unittest.TestCase):
    """What the command line writes, whoever else asks at the time."""

    def test_samples(self) -> None:
        model = (
            DEMO_MODEL
            if DEMO_MODEL.exists() and not os.environ.get("RADIE_SANITIZED")
            else tiny_model()
        )
        wanted = {
            path.name: radie("extract", "--format", "jsonl", path, model=model).stdout
            for path in SAMPLES
        }
        lines = (
            json_lines(*({"id": path.name, "text": path.read_bytes().decode()} for path in SAMPLES))
            * 5
        )
        (WORK / "samples.jsonl").write_bytes(lines)
        recorded = "2026-01-31T12:00:00Z"
        streams = {
            accept: radie(
                "extract", "--format", name, *more, WORK / "samples.jsonl", model=model
            ).stdout
            for accept, name, more in (
                (NDJSON, "jsonl", []),
                ("text/html", "html", []),
                ("application/fhir+ndjson", "fhir", ["--fhir-recorded", recorded]),
            )
        }
        with (
            Server(RADIE, model=model) as server,
            concurrent.futures.ThreadPoolExecutor(32) as pool,
        ):
            singles = [
                (
                    path,
                    pool.submit(
                        server.extract, path.read_bytes(), "text/plain", f"?id={path.name}"
                    ),
                )
                for path in SAMPLES * 6
            ]
            many = [
                (
                    accept,
                    pool.submit(
                        server.extract, lines, NDJSON, f"?fhir_recorded={recorded}", Accept=accept
                    ),
                )
                for accept in streams
            ]
            for path, answer in singles:
                self.assertEqual(answer.result().body, wanted[path.name])
            for accept, answer in many:
                self.assertEqual(answer.result().body, streams[accept], accept)
            batches = {
                name: float(value)
                for name, value in re.findall(
                    r"^(radie_batch\w+_total) (\S+)$",
                    server.ask("GET", "/metrics").body.decode(),
                    re.M,
                )
            }
        self.assertGreater(
            batches["radie_batch_reports_total"],
            2 * batches["radie_batches_total"],
            "nothing was batched",
        )

    def test_terms_and_confidence(self) -> None:
        options = ["--terms", SOURCE / "examples/terms.tsv", "--min-confidence", "0.1"]
        wanted = radie("extract", "--format", "jsonl", *options, SAMPLES[0]).stdout
        with Server(RADIE, *options, "--keep-patient-id", model=tiny_model()) as server:
            self.assertEqual(
                server.extract(SAMPLES[0].read_bytes(), query=f"?id={SAMPLES[0].name}").body, wanted
            )
            [record] = server.extract(HL7, "application/hl7-v2").json()
            self.assertEqual(record["hl7"]["patient_id"], "SECRET-7")


if __name__ == "__main__":
    unittest.main()
