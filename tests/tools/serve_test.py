"""radie serve: every endpoint, the forms in which a report may come and its record may go."""

import json
import re
import time
import unittest
from urllib.parse import quote

from harness import RADIE, check_record, json_lines, tiny_model
from serving import HL7, NDJSON, TEXT, Server, head, status_of
from shared_server import Shared


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
        extended = chunks.replace(b"\r\n", b";a=b\r\n", 1)[:-2] + b"Digest: x\r\nServer:\r\n\r\n"
        message = head(Content_Type="text/plain", Transfer_Encoding="chunked") + extended
        self.assertEqual(
            self.server.raw(message + message + b"GET / HTTP/9\r\n\r\n").count(b"HTTP/1.1 200"), 2
        )
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

    def test_a_client_that_wants_the_connection_closed(self) -> None:
        ready = b"GET /readyz HTTP/1.1\r\n\r\n"
        for lines in (
            b"Connection: close\r\n",
            b"Connection: Close\r\n",
            b"connection: keep-alive, close\r\n",
            b"Connection: keep-alive\r\nConnection: CLOSE ,x\r\n",
        ):
            answer = self.server.raw(ready[:-2] + lines + b"\r\n" + ready)
            self.assertEqual(answer.count(b"HTTP/1.1 200"), 1, lines)
            self.assertEqual(answer.count(b"Connection: close\r\n"), 1, lines)
        kept = ready[:-2] + b"Connection: closed\r\n\r\n" + ready
        self.assertEqual(self.server.raw(kept + b"\r\n\r\n").count(b"HTTP/1.1 200"), 2)

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

    def test_instants_are_described_as_they_are_read(self) -> None:
        description = self.server.ask("GET", "/openapi.json").json()
        parameters = description["paths"]["/v1/extract"]["post"]["parameters"]
        (schema,) = (p["schema"] for p in parameters if p["name"] == "fhir_recorded")
        dates = ["0000-00-00", "0000-02-29", "1900-02-29", "2000-02-29", "2024-02-29", "2026-02-28"]
        dates += [
            "2026-02-29",
            "2026-04-30",
            "2026-04-31",
            "2026-12-31",
            "2026-13-01",
            "9999-01-32",
        ]
        instants = [f"{date}T12:00:00Z" for date in dates]
        times = [
            "00:00:00",
            "23:59:60",
            "24:00:00",
            "12:60:00",
            "12:00:61",
            "12:00:00.25",
            "1:00:00",
        ]
        instants += [f"2026-01-31T{time}Z" for time in [*times, "12:00:00."]]
        zones = ["", "z", "+00:00", "-13:59", "+14:00", "+14:01", "+09:60", "+9"]
        instants += [f"2026-01-31T12:00:00{zone}" for zone in zones]
        taken = 0
        for instant in instants:
            query = "?fhir_recorded=" + quote(instant, safe="")
            status = self.server.extract(TEXT.encode(), query=query).status
            described = re.search(schema["pattern"], instant) is not None
            self.assertEqual(status, 200 if described else 400, instant)
            taken += described
        self.assertEqual((taken, len(instants)), (11, 28))

    def test_metrics(self) -> None:
        requests = 'radie_requests_total{route="/v1/extract",code="200"}'
        with Server(RADIE, *self.ARGUMENTS, model=tiny_model()) as server:

            def values() -> dict[str, float]:
                lines = server.ask("GET", "/metrics").body.decode().splitlines()
                pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
                return {name: float(value) for name, value in pairs}

            self.assertEqual(values()["radie_reports_total"], 0)
            lines = ({"id": "a", "text": TEXT}, {"id": "b", "text": TEXT}, {"id": "c"})
            server.extract(json_lines(*lines), NDJSON)
            deadline = time.monotonic() + 60  # a request is counted after it has been answered
            while requests not in (found := values()) and time.monotonic() < deadline:
                time.sleep(0.01)
        self.assertEqual(found[requests], 1)
        self.assertEqual(found["radie_reports_total"], 2)
        self.assertEqual(found['radie_report_errors_total{code="invalid_input"}'], 1)
        self.assertGreater(found["radie_tokens_total"], 10)
        buckets = [
            value
            for name, value in found.items()
            if name.startswith('radie_request_seconds_bucket{route="/v1/extract"')
        ]
        self.assertEqual(buckets, sorted(buckets))
        self.assertEqual(buckets[-1], found['radie_request_seconds_count{route="/v1/extract"}'])
        self.assertEqual(found["radie_queue_reports"], 0)
        self.assertGreaterEqual(found["radie_connections"], 1)


if __name__ == "__main__":
    unittest.main()
