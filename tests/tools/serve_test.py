"""radie serve: every endpoint, every refusal, the same bytes as the command line, what it keeps
quiet about."""

import concurrent.futures
import json
import os
import re
import socket
import unittest
from collections.abc import Sequence
from urllib.parse import quote

from harness import (
    DEMO_MODEL,
    RADIE,
    SAMPLES,
    SOURCE,
    WORK,
    check_record,
    json_lines,
    radie,
    tiny_model,
)
from serving import NDJSON, TEXT, Server, head, status_of

HL7 = (
    "MSH|^~\\&|RIS|H|EHR|H|20260131||ORU^R01|1|P|2.5|||||JPN|UNICODE UTF-8\rPID|1||SECRET-7\r"
    "OBR|1||F17\rOBX|1|TX|18782-3||右肺に12mmの結節を認めます。\r"
).encode()
TOKEN = "correct-horse-battery-staple"


class Shared(unittest.TestCase):
    """With one server for all tests of the class."""

    ARGUMENTS: Sequence[object] = ()

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = Server(RADIE, *cls.ARGUMENTS, model=tiny_model())

    @classmethod
    def tearDownClass(cls) -> None:
        code = cls.server.stop()
        assert code == 0, code


class Endpoints(Shared):
    def test_one_report_as_text(self) -> None:
        answer = self.server.extract(TEXT.encode(), "text/plain; charset=utf-8", "?id=a%20b")
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "application/json"))
        record = answer.json()
        self.assertEqual(record["id"], "a b")
        check_record(record, TEXT)
        self.assertEqual(self.server.extract(TEXT.encode()).json()["id"], "report")

    def test_one_report_as_json(self) -> None:
        record = self.server.extract(
            json_lines({"id": 7, "text": TEXT}),
            "application/json",
            "?offsets=utf16&include_text=true",
        ).json()
        self.assertEqual(
            (record["id"], record["text"], record["offset_unit"]), ("7", TEXT, "utf16")
        )
        check_record(record, TEXT)
        self.assertEqual(
            self.server.extract(json_lines({"text": TEXT}), "application/json", "?id=q").json()[
                "id"
            ],
            "q",
        )

    def test_charsets_and_offsets_in_their_bytes(self) -> None:
        for charset in ("cp932", "Shift_JIS", "euc-jp", "iso-2022-jp"):
            body = TEXT.encode(charset)
            record = self.server.extract(
                body, f'text/plain; charset="{charset}"', "?offsets=source"
            ).json()
            self.assertEqual(record["offset_unit"], "source")
            for entity in record["entities"]:
                if charset != "iso-2022-jp":
                    self.assertEqual(
                        body[entity["start"] : entity["end"]].decode(charset), entity["text"]
                    )
        utf16 = self.server.extract(TEXT.encode("utf-16"), "text/plain;charset=UTF-16").json()
        self.assertEqual(
            [e["text"] for e in utf16["entities"]],
            [e["text"] for e in self.server.extract(TEXT.encode("utf-8-sig")).json()["entities"]],
        )

    def test_answers_by_accept(self) -> None:
        body = TEXT.encode()
        for accept, kind in (
            ("", "application/json"),
            ("*/*", "application/json"),
            ("application/*;q=0.1, text/html", "text/html; charset=utf-8"),
            ("application/fhir+json", "application/fhir+json"),
            (NDJSON, NDJSON),
            ("text/html;q=0, */*", "application/json"),
            ("application/fhir+ndjson", "application/fhir+ndjson"),
            ("text/*", "text/html; charset=utf-8"),
            (
                "no media range, application/json;q=0.5, application/fhir+json;q=0.9",
                "application/fhir+json",
            ),
        ):
            answer = self.server.extract(body, Accept=accept)
            self.assertEqual((answer.status, answer.headers["content-type"]), (200, kind), accept)
        bundle = self.server.extract(
            body,
            query="?fhir_subject=Patient/p-1&fhir_recorded=2026-01-31T12:00:00Z",
            Accept="application/fhir+json",
        ).json()
        self.assertEqual(bundle["resourceType"], "Bundle")
        self.assertIn("Patient/p-1", json.dumps(bundle))

    def test_many_reports_as_a_json_array(self) -> None:
        lines = json_lines({"id": "a", "text": TEXT}, {"id": "b", "text": 5}) + b"\n{oh no\n"
        answer = self.server.extract(lines, NDJSON, Accept="application/json").json()
        self.assertEqual([record.get("id") for record in answer], ["a", "b", None])
        self.assertEqual((answer[1]["error"]["code"], answer[2]["line"]), ("invalid_input", 4))
        self.assertEqual(self.server.extract(b"", NDJSON, Accept="application/json").json(), [])
        self.assertEqual(self.server.extract(b"\n\n", NDJSON).body, b"")

    def test_hl7(self) -> None:
        [record] = self.server.extract(HL7 + b"\x1c\r", "application/hl7-v2").json()
        self.assertEqual((record["id"], record["hl7"]["pieces"][0]["code"]), ("F17", "18782-3"))
        self.assertNotIn("patient_id", record["hl7"])
        document = HL7.replace(b"|TX|", b"|ED|")
        [failed] = self.server.extract(document, "application/hl7-v2").json()
        self.assertEqual((failed["id"], failed["error"]["code"]), ("F17", "invalid_input"))
        undeclared = HL7.replace(b"UNICODE UTF-8", b"")
        self.assertIn("error", self.server.extract(undeclared, "application/hl7-v2").json()[0])
        self.assertNotIn(
            "error", self.server.extract(undeclared, "application/hl7-v2; charset=utf-8").json()[0]
        )
        self.assertEqual(self.server.extract(b"", "application/hl7-v2").json(), [])
        self.assertEqual(
            self.server.extract(b"OBX|1\r", "application/hl7-v2").json()[0]["error"]["code"],
            "invalid_input",
        )

    def test_a_body_in_chunks_and_one_that_waits_for_leave(self) -> None:
        chunks = (
            b"".join(
                b"%x\r\n%s\r\n" % (len(part), part)
                for part in (TEXT.encode()[:5], TEXT.encode()[5:])
            )
            + b"0\r\n\r\n"
        )
        answer = self.server.raw(
            head(Content_Type="text/plain", Transfer_Encoding="chunked", Connection="close")
            + chunks
        )
        self.assertEqual(status_of(answer), 200)
        with self.server.socket() as client:
            client.sendall(
                head(
                    Content_Type="text/plain",
                    Content_Length=str(len(TEXT.encode())),
                    Expect="100-continue",
                )
            )
            self.assertEqual(status_of(client.recv(4096)), 100)
            client.sendall(TEXT.encode())
            self.assertEqual(status_of(client.recv(65536)), 200)
        refused = self.server.raw(
            head(Content_Type="text/plain", Content_Length="99999999", Expect="100-continue")
        )
        self.assertEqual(status_of(refused), 413)

    def test_several_requests_on_one_connection(self) -> None:
        connection = self.server.connection()
        for n in range(20):
            connection.request(
                "POST", f"/v1/extract?id=r{n}", TEXT.encode(), {"Content-Type": "text/plain"}
            )
            self.assertEqual(json.loads(connection.getresponse().read())["id"], f"r{n}")
            connection.request("GET", "/nothing")
            response = connection.getresponse()
            self.assertEqual((response.status, response.read()[:9]), (404, b'{"error":'))
        connection.close()
        request = head(Content_Type="text/plain", Content_Length="3") + "右".encode()
        closing = (
            head(Content_Type="text/plain", Content_Length="3", Connection="close") + "右".encode()
        )
        self.assertEqual(
            self.server.raw(request + request + closing).count(b"HTTP/1.1 200"), 3, "sent in one go"
        )

    def test_http_1_0_gets_no_chunks(self) -> None:
        body = json_lines({"id": "a", "text": TEXT})
        request = head(Content_Type=NDJSON, Content_Length=str(len(body))).replace(
            b"HTTP/1.1", b"HTTP/1.0"
        )
        header, _, content = self.server.raw(request + body).partition(b"\r\n\r\n")
        self.assertNotIn(b"chunked", header.lower())
        self.assertEqual(json.loads(content)["id"], "a")

    def test_health_and_description(self) -> None:
        for path, status in (("/healthz", "ok"), ("/readyz", "ready")):
            self.assertEqual(self.server.ask("GET", path).json(), {"status": status})
            self.assertEqual(self.server.ask("HEAD", path).body, b"")
        description = self.server.ask("GET", "/openapi.json").json()
        self.assertEqual(description["openapi"], "3.1.0")
        used = set(re.findall(r'"#/([^"]+)"', json.dumps(description)))
        for reference in used:
            place = description
            for step in reference.split("/"):
                place = place[step]
        self.assertIn("components/schemas/Record/$defs/report", used)
        self.assertEqual(
            set(description["paths"]["/v1/extract"]["post"]["requestBody"]["content"]),
            {"text/plain", "application/json", NDJSON, "application/hl7-v2"},
        )

    def test_metrics(self) -> None:
        def values() -> dict[str, float]:
            lines = self.server.ask("GET", "/metrics").body.decode().splitlines()
            return {
                line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
                for line in lines
                if not line.startswith("#")
            }

        before = values()
        self.server.extract(
            json_lines({"id": "a", "text": TEXT}, {"id": "b", "text": TEXT}, {"id": "c"}), NDJSON
        )
        after = values()
        self.assertEqual(after["radie_reports_total"] - before["radie_reports_total"], 2)
        error = 'radie_report_errors_total{code="invalid_input"}'
        self.assertEqual(after[error] - before.get(error, 0), 1)
        self.assertGreater(after["radie_tokens_total"] - before["radie_tokens_total"], 10)
        requests = 'radie_requests_total{route="/v1/extract",code="200"}'
        self.assertEqual(after[requests] - before.get(requests, 0), 1)
        buckets = [
            value
            for name, value in after.items()
            if name.startswith('radie_request_seconds_bucket{route="/v1/extract"')
        ]
        self.assertEqual(buckets, sorted(buckets))
        self.assertEqual(buckets[-1], after['radie_request_seconds_count{route="/v1/extract"}'])
        self.assertEqual(after["radie_queue_reports"], 0)
        self.assertGreaterEqual(after["radie_connections"], 1)


class Refusals(Shared):
    ARGUMENTS = ("--max-body", "64K", "--max-records", "3")

    def refused(
        self,
        status: int,
        code: str,
        body: bytes,
        content_type: str = "text/plain",
        query: str = "",
        **headers: str,
    ) -> None:
        answer = self.server.extract(body, content_type, query, **headers)
        self.assertEqual(
            (answer.status, answer.headers["content-type"], answer.code),
            (status, "application/json", code),
        )
        self.assertLessEqual(set(answer.json()["error"]), {"code", "message", "offset"})

    def test_what_is_not_there(self) -> None:
        answer = self.server.ask("GET", "/v1/nothing")
        self.assertEqual((answer.status, answer.code), (404, "not_found"))
        self.assertEqual(self.server.ask("FETCH", "/v1/nothing").status, 404)
        for method, path, allowed in (
            ("GET", "/v1/extract", "POST"),
            ("DELETE", "/v1/extract", "POST"),
            ("POST", "/healthz", "GET, HEAD"),
            ("OPTIONS", "/metrics", "GET, HEAD"),
            ("TRACE", "/", "GET, HEAD"),
            ("QUERY", "/", "GET, HEAD"),
            ("FETCH", "/v1/extract?id=x", "POST"),
        ):
            answer = self.server.ask(method, path, b"" if method == "POST" else None)
            self.assertEqual(
                (answer.status, answer.headers["allow"]), (405, allowed), (method, path)
            )

    def test_media_types(self) -> None:
        self.refused(
            415, "unsupported_media_type", TEXT.encode(), "application/x-www-form-urlencoded"
        )
        self.refused(
            415, "unsupported_media_type", TEXT.encode(), "multipart/form-data; boundary=x"
        )
        self.refused(415, "unsupported_media_type", TEXT.encode(), "nonsense")
        self.refused(415, "unsupported_media_type", TEXT.encode(), "text/plain; charset=klingon")
        self.refused(415, "unsupported_media_type", b"{}", "application/json; charset=cp932")
        self.refused(415, "unsupported_media_type", b"x", Content_Encoding="gzip")
        self.refused(406, "not_acceptable", TEXT.encode(), Accept="image/png")
        self.refused(406, "not_acceptable", TEXT.encode(), Accept="application/json;q=0")
        self.refused(
            406,
            "not_acceptable",
            json_lines({"text": TEXT}),
            NDJSON,
            Accept="application/fhir+json",
        )

    def test_parameters(self) -> None:
        for query in (
            "?id=",
            "?id=" + "x" * 257,
            "?id=a&id=b",
            "?include_text=yes",
            "?offsets=bytes",
            "?other=1",
            "?fhir_subject=" + quote("a b"),
            "?fhir_recorded=yesterday",
            "?fhir_recorded=",
        ):
            self.refused(400, "invalid_parameter", TEXT.encode(), query=query)
        self.refused(
            400,
            "invalid_parameter",
            json_lines({"text": TEXT}),
            "application/json",
            "?offsets=source",
        )

    def test_reports_that_are_none(self) -> None:
        answer = self.server.extract("右肺".encode() + b"\xff\xfe")
        self.assertEqual(
            (answer.status, answer.json()["error"]["code"], answer.json()["error"]["offset"]),
            (400, "invalid_text", 6),
        )
        self.refused(400, "invalid_input", b"{", "application/json")
        self.refused(400, "invalid_input", b"[" * 60_000, "application/json")
        self.refused(400, "invalid_input", b"[]", "application/json")
        self.refused(400, "invalid_input", b'{"id":1}', "application/json")
        self.refused(400, "invalid_input", b'{"text":"\xff"}', "application/json")
        self.refused(400, "invalid_text", b"\x81", "text/plain; charset=cp932")
        outcome = self.server.extract(b"\xff", Accept="application/fhir+json")
        self.assertEqual(
            (outcome.status, outcome.headers["content-type"], outcome.json()["resourceType"]),
            (400, "application/fhir+json", "OperationOutcome"),
        )

    def test_too_much(self) -> None:
        self.refused(413, "body_too_large", b"x" * 65537)
        self.assertEqual(self.server.extract(b" " * 65536).status, 200)
        self.refused(413, "too_many_reports", json_lines({"text": ""}) * 4, NDJSON)
        self.refused(413, "too_many_reports", HL7 * 4, "application/hl7-v2")
        chunked = head(Content_Type="text/plain", Transfer_Encoding="chunked")
        self.assertEqual(status_of(self.server.raw(chunked + b"20000\r\n" + b"x" * 0x20000)), 413)
        self.assertEqual(status_of(self.server.raw(chunked + b"1\r\nx\r\n" * 70_000)), 413)
        self.assertEqual(
            status_of(self.server.raw(chunked + b"1" * 200_000)), 413, "a chunk size without an end"
        )
        self.assertEqual(status_of(self.server.raw(head(X="y" * 9000))), 431)
        self.assertEqual(
            status_of(self.server.raw(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n")), 431
        )
        self.assertEqual(
            status_of(self.server.raw(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 2000 + b"\r\n")), 431
        )

    def test_requests_that_two_readers_could_read_otherwise(self) -> None:
        body = b"5\r\nabcde\r\n0\r\n\r\n"
        for request in (
            head(Content_Length="5", Transfer_Encoding="chunked", Content_Type="text/plain") + body,
            head(Content_Length="3", Content_Type="text/plain")[:-2]
            + b"Content-Length: 5\r\n\r\nabcde",
            head(Content_Length="+5", Content_Type="text/plain") + b"abcde",
            head(Content_Length="-1", Content_Type="text/plain") + b"abcde",
            head(Content_Type="text/plain")[:-2] + b"Content-Length : 5\r\n\r\nabcde",
            head(Content_Type="text/plain")[:-2] + b" folded: 5\r\n\r\nabcde",
            head(Content_Type="text/plain").replace(
                b"\r\n\r\n", b"\nContent-Length: 5\r\n\r\nabcde"
            ),
            b"POST /v1/extract\0 HTTP/1.1\r\n\r\n",
            b"\0\r\n\r\n",
            b"nonsense\r\n\r\n",
            b"GET / HTTP/3.0\r\n\r\n",
            b"FE(TCH / HTTP/1.1\r\n\r\n",
            b"FETCH / HTTP/9\r\n\r\n",
            b" / HTTP/1.1\r\n\r\n",
        ):
            answer = self.server.raw(request)
            self.assertEqual((status_of(answer), answer.count(b"HTTP/1.1 ")), (400, 1), request)
        self.assertEqual(
            status_of(
                self.server.raw(
                    head(Transfer_Encoding="gzip, chunked", Content_Type="text/plain") + body
                )
            ),
            501,
        )
        self.assertEqual(
            status_of(self.server.raw(head(Content_Type="text/plain", Connection="close"))), 411
        )

    def test_a_refused_body_is_not_the_next_request(self) -> None:
        smuggled = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        for first in (
            head(Content_Type="image/png", Content_Length=str(len(smuggled))),
            b"GET /healthz HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(smuggled),
        ):
            answer = self.server.raw(first + smuggled)
            self.assertEqual(answer.count(b"HTTP/1.1 "), 1)
            self.assertIn(b"Connection: close", answer)


class Tokens(Shared):
    @classmethod
    def setUpClass(cls) -> None:
        path = WORK / "tokens"
        path.write_text(
            f"# for the ward\n\nanother-token-of-some-length\n{TOKEN}\n", encoding="utf-8"
        )
        cls.ARGUMENTS = ["--host", "0.0.0.0", "--token-file", path]
        super().setUpClass()

    def test_tokens(self) -> None:
        for value in (
            "",
            "Bearer",
            "Bearer ",
            "Bearer wrong",
            f"Basic {TOKEN}",
            f"Bearer {TOKEN}x",
            f"Bearer {TOKEN[:-1]}",
            TOKEN,
        ):
            answer = self.server.extract(TEXT.encode(), Authorization=value)
            self.assertEqual((answer.status, answer.code), (401, "unauthorized"), value)
            self.assertIn("Bearer", answer.headers["www-authenticate"])
        for value in (f"Bearer {TOKEN}", f"bearer {TOKEN}", "Bearer another-token-of-some-length"):
            self.assertEqual(self.server.extract(TEXT.encode(), Authorization=value).status, 200)
        self.assertEqual(self.server.ask("GET", "/metrics").status, 401)
        self.assertEqual(
            self.server.ask("GET", "/metrics", Authorization=f"Bearer {TOKEN}").status, 200
        )
        for path in ("/healthz", "/readyz", "/", "/page.js", "/openapi.json"):
            self.assertEqual(self.server.ask("GET", path).status, 200)
        self.assertNotIn(TOKEN.encode(), self.server.raw_log)


class Usage(unittest.TestCase):
    def exits(self, code: int, what: str, *arguments: object, port: int = 0) -> None:
        done = radie("serve", "--port", port, *arguments)
        self.assertEqual((done.returncode, done.stdout), (code, b""))
        self.assertIn(what, done.stderr.decode())

    def test_usage(self) -> None:
        tokens = WORK / "bad_tokens"
        self.exits(2, "--token-file", "--host", "0.0.0.0")
        self.exits(2, "no-such-host.invalid", "--host", "no-such-host.invalid")
        self.exits(2, "--max-body", "--max-body", "many")
        self.exits(2, "No such file", "--token-file", WORK / "none")
        for content, what in (
            ("", "holds no token"),
            ("short\n", "line 1"),
            ("# x\ncaf\u00e9-cafe-cafe-cafe\n", "line 2"),
        ):
            tokens.write_text(content, encoding="utf-8")
            self.exits(2, what, "--token-file", tokens)
        self.exits(2, "No such file", "--terms", WORK / "none")
        self.exits(3, "model", "--model", SOURCE / "README.md")
        self.exits(3, "stage", "--model", SOURCE / "tests/golden/tagger_crf.radie")
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            self.exits(2, "cannot listen", port=other.getsockname()[1])

    def test_others_are_let_in_when_told_so(self) -> None:
        with Server(RADIE, "--host", "0.0.0.0", "--insecure", model=tiny_model()) as server:
            self.assertEqual(server.ask("GET", "/healthz").status, 200)


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


class Quiet(unittest.TestCase):
    HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>カナリア結節QXZW"

    def test_neither_log_nor_errors_hold_what_was_sent(self) -> None:
        canary = "カナリア結節QXZW"
        parts = (canary, "カナリア", "QXZW", quote("カナリア"), json.dumps("カナリア")[1:-1])
        with Server(RADIE, model=tiny_model()) as server:
            answers = [
                server.extract(canary.encode() + b"\xff"),
                server.extract(f'{{"text":"{canary}'.encode(), "application/json"),
                server.extract(json_lines({"id": canary, "text": 5}), "application/json"),
                server.extract(canary.encode(), query="?offsets=" + quote(canary)),
                server.extract(canary.encode(), query=f"?{quote(canary)}=1"),
                server.extract(canary.encode(), "text/" + quote(canary)),
                server.ask("GET", "/" + quote(canary)),
                server.ask("GET", "/healthz?" + quote(canary), X="QXZW"),
                server.extract(
                    HL7.replace(b"MSH|^", f"MSH|{canary}".encode()), "application/hl7-v2"
                ),
            ]
            server.extract(canary.encode(), query="?id=" + quote(canary))
            server.raw(f"{canary} / HTTP/1.1\r\n\r\n".encode())
        for answer in answers[:-1]:
            self.assertFalse([part for part in parts if part.encode() in answer.body], answer.body)
        self.assertFalse([part for part in parts if part.encode() in server.raw_log])
        self.assertEqual(sum(line["event"] == "request" for line in server.log), 11)
        fields = {
            "time",
            "event",
            "client",
            "method",
            "route",
            "status",
            "bytes_in",
            "bytes_out",
            "seconds",
            "code",
            "reports",
            "failed",
            "tokens",
            "queue_seconds",
            "cut_short",
        }
        self.assertTrue(all(set(line) <= fields for line in server.log))

    def test_the_page_asks_nobody_else_and_shows_hostile_text_as_text(self) -> None:
        with Server(RADIE, model=tiny_model()) as server:
            page = server.ask("GET", "/")
            policy = page.headers["content-security-policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertIn("script-src 'self';", policy)
            files = [page.body] + [
                server.ask("GET", path).body for path in ("/page.js", "/page.css")
            ]
            self.assertEqual(
                files,
                [
                    (SOURCE / "tools/serve" / name).read_bytes()
                    for name in ("page.html", "page.js", "page.css")
                ],
            )
            for content in files:
                self.assertNotRegex(
                    content.decode(),
                    r"https?://|//[a-z]+\.|@import|innerHTML|insertAdjacent|document\.write|eval\(",
                )
            self.assertNotRegex(
                page.body.decode(),
                r"<script(?! src=\"page\.js\" defer></script>)|\son[a-z]+=|style=",
            )
            view = server.extract(
                self.HOSTILE.encode(), query="?id=" + quote(self.HOSTILE), Accept="text/html"
            ).body.decode()
            self.assertNotRegex(view, r"<script|<img|<[^>]*onerror")
            self.assertIn("&lt;script&gt;", view)
            for name, value in (
                ("x-content-type-options", "nosniff"),
                ("cache-control", "no-store"),
                ("referrer-policy", "no-referrer"),
            ):
                self.assertEqual(page.headers[name], value)


if __name__ == "__main__":
    unittest.main()
