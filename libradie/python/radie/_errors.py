"""The one exception of the package."""

from __future__ import annotations


class Error(Exception):
    """What radie refuses. The message never holds any of a report's text.

    code: stable, as docs/output.md lists them: "invalid_text", "limit_exceeded", "io", …
    offset: where the trouble begins, when that is known: a code point of the report, or a byte of
    the model file.
    """

    def __init__(self, code: str, message: str, offset: int | None = None) -> None:
        super().__init__(code, message, offset)  # all of it, so that the error can be pickled
        self.code = code
        self.message = message
        self.offset = offset

    def __str__(self) -> str:
        at = "" if self.offset is None else f" (at {self.offset})"
        return f"{self.code}: {self.message}{at}"
