"""What schemathesis must be told of radie serve: how bodies of its media types are written, that
every string is such a body and nothing else can be sent as one, and what OpenAPI has no words for,
that bytes of the source are counted in text bodies alone."""

from typing import Any

import schemathesis


@schemathesis.serializer("application/x-ndjson", "application/hl7-v2")
def as_text(ctx: schemathesis.SerializationContext, value: Any) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else b""


@schemathesis.hook
def filter_case(ctx: schemathesis.HookContext, case: schemathesis.Case) -> bool:
    if case.media_type in (
        "application/x-ndjson",
        "application/hl7-v2",
        "text/plain",
    ) and not isinstance(case.body, (str, bytes)):
        return False
    return not (
        isinstance(case.query, dict)
        and case.query.get("offsets") == "source"
        and case.media_type != "text/plain"
    )
