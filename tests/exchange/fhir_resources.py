"""Validates Bundles, one a line of standard input, with fhir.resources (R4B), and holds each to
what radie promises.

    python fhir_resources.py < bundles.ndjson

R4B differs from R4 in no resource that radie writes.
"""

import json
import sys
from typing import Any

from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.operationoutcome import OperationOutcome

CODES = {"findings": "18782-3", "impression": "19005-8"}


def promises(bundle: dict[str, Any]) -> list[str]:
    """References lead somewhere, ids are not used twice, spans point at what they name."""
    problems = []
    urns = [entry["fullUrl"] for entry in bundle["entry"]]
    if len(urns) != len(set(urns)):
        problems.append("an id is used twice")
    resources = [entry["resource"] for entry in bundle["entry"]]
    report = resources[0]
    texts = [r["valueString"] for r in resources if "valueString" in r]
    for reference in _all(bundle, "reference"):
        if reference.startswith("urn:") and reference not in urns:
            problems.append("a reference leads nowhere")
    told = {coding["code"] for r in resources for coding in r.get("code", {}).get("coding", [])}
    if (
        report["resourceType"] != "DiagnosticReport"
        or "18748-4" not in told
        or (texts and CODES["findings"] not in told and CODES["impression"] not in told)
    ):
        problems.append("a code of the profile is missing")
    return problems


def _all(node: object, key: str) -> list[str]:
    if isinstance(node, dict):
        own = [node[key]] if isinstance(node.get(key), str) else []
        return own + [found for value in node.values() for found in _all(value, key)]
    return [found for value in node for found in _all(value, key)] if isinstance(node, list) else []


def main() -> int:
    bundles, resources, problems = 0, 0, []
    for line in sys.stdin:
        document = json.loads(line)
        try:
            if document["resourceType"] == "OperationOutcome":
                OperationOutcome.model_validate(document)
                continue
            Bundle.model_validate(document)
            problems += promises(document)
        except ValueError as error:
            problems.append(str(error)[:400])
        bundles += 1
        resources += len(document.get("entry", []))
    print(
        json.dumps(
            {"bundles": bundles, "resources": resources, "problems": problems[:20]},
            ensure_ascii=False,
        )
    )
    return 1 if problems or not bundles else 0


sys.exit(main())
