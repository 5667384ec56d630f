"""radie serve: every request that it refuses, and how it says so."""

import socket
import unittest
from urllib.parse import quote

from harness import json_lines
from serving import HL7, NDJSON, TEXT, head, read_all, status_of
from shared_server import Shared


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
            head(Content_Type="text/plain")[:-2] + b"Content-Length 5\r\n\r\nabcde",
            head(Content_Type="text/plain")[:-2] + b"Content-Length:\r\n\r\nabcde",
            head(Content_Type="text/plain")[:-2] + b"Content-Length: %35\r\n\r\nabcde",
            head(Content_Length="5", Content_Type="text/plain;")[:-2]
            + b" charset=utf-8\r\n\r\nabcde",
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

    def test_chunks_that_two_readers_could_read_otherwise(self) -> None:
        chunked = head(Content_Type="text/plain", Transfer_Encoding="chunked")
        smuggled = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
        for body in (
            b"6\r\nnodule and more\r\n0\r\n\r\n",
            b"6\r\nnodule\n0\r\n\r\n",
            b"6\nnodule\r\n0\r\n\r\n",
            b"6\r\nnodule\r\n0\n\r\n",
            b"6\r\nnodule\r\n0\r\n\n",
            b"0x6\r\nnodule\r\n0\r\n\r\n",
            b" 6\r\nnodule\r\n0\r\n\r\n",
            b"+6\r\nnodule\r\n0\r\n\r\n",
            b"6 6\r\nnodule\r\n0\r\n\r\n",
            b"6\r\nnodule\r\n0\r\nX\r\n\r\n",
            b"6\r\nnodule\r\n0\r\nX: y\n\r\n",
        ):
            answer = self.server.raw(chunked + body + smuggled)
            self.assertEqual((status_of(answer), answer.count(b"HTTP/1.1 ")), (400, 1), body)
            self.assertIn(b"Connection: close", answer)

    def test_chunks_that_are_cut_short(self) -> None:
        chunked = head(Content_Type="text/plain", Transfer_Encoding="chunked")
        for body in (b"6", b"6\r\nnod", b"6\r\nnodule", b"6\r\nnodule\r", b"6\r\nnodule\r\n0\r\n"):
            with self.server.socket() as client:
                client.sendall(chunked + body)
                client.shutdown(socket.SHUT_WR)
                self.assertEqual(status_of(read_all(client)), 400, body)

    def test_a_refused_body_is_not_the_next_request(self) -> None:
        smuggled = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        for first in (
            head(Content_Type="image/png", Content_Length=str(len(smuggled))),
            b"GET /healthz HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(smuggled),
        ):
            answer = self.server.raw(first + smuggled)
            self.assertEqual(answer.count(b"HTTP/1.1 "), 1)
            self.assertIn(b"Connection: close", answer)


if __name__ == "__main__":
    unittest.main()
