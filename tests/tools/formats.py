"""What the tests of output formats share: reports with ids and texts that are hard to write down,
readers of brat and CoNLL."""

import re
from typing import Any

TEXTS = [
    "右肺上葉に12mm大の不整形結節を認めます。原発性肺癌を疑います。",
    "\ufeff【所見】\r\n肝Ｓ６に嚢胞を認める。\r\nﾘﾝﾊﾟ節腫大なし",
    "<script>alert('右肺')</script>に\"結節\" & <b>胸水</b> &lt; <!-- 認める -->",
    "右肺上\n葉の結\n節を認\nめます。#4Rリンパ節\t12mm",
    "𠮷①㎜⻑⼤ か\u3099 \x00 胸水(-)，腹水(-).",
    "",
    "\n\n",
]
IDS = ["普通", "a/b", "<i>&\"'", "..", "𠮷 \x1b\n", "e.txt", "-f"]
ITEMS = [{"id": name, "text": text} for name, text in zip(IDS, TEXTS, strict=True)]
Mention = tuple[str, int, int]
"""Its type, where it begins and ends."""
BAD = b'{"id": "bad<", "text": 5}\nnonsense\n'


def read_brat(ann: str, text: str) -> tuple[dict[str, Mention], list[tuple[str, str, str]]]:
    """Entities as {id: (type, start, end)} and relations; the text of each line must be that of its
    spans."""
    entities: dict[str, Mention] = {}
    relations: list[tuple[str, str, str]] = []
    for line in ann.split("\n")[:-1]:
        identity, rest = line.split("\t", 1)
        if identity[0] == "T":
            facts, mention = rest.split("\t")
            kind, spans = facts.split(" ", 1)
            ranges = [tuple(map(int, span.split(" "))) for span in spans.split(";")]
            assert mention == " ".join(text[begin:end] for begin, end in ranges), line
            entities[identity] = (kind, ranges[0][0], ranges[-1][1])
        elif identity[0] == "R":
            kind, head, tail = rest.split(" ")
            assert head.startswith("Arg1:") and tail.startswith("Arg2:"), line
            relations.append((kind, head[5:], tail[5:]))
        elif identity[0] == "A":
            name, target, value = rest.split(" ")
            assert name == "Certainty" and target in entities, line
            assert value in ("definite", "likely", "may_represent", "unlikely", "denial"), line
        else:
            note = re.fullmatch(r"#\d+\tAnnotatorNotes (T\d+)\tspan (\d+) (\d+)", line)
            assert note, line
            entities[note[1]] = (entities[note[1]][0], int(note[2]), int(note[3]))
    return entities, relations


def read_conll(body: str) -> tuple[str, list[Mention]]:
    text = ""
    entities: list[Mention] = []
    names = {"\\s": " ", "\\n": "\n", "\\r": "\r", "\\t": "\t", "\\\\": "\\", "\\#": "#"}
    for line in filter(None, body.split("\n")):
        token, start, end, tag = line.split()
        token = names.get(token) or (
            chr(int(token[3:-1], 16)) if token.startswith("\\u") else token
        )
        assert len(token) == 1 and (int(start), int(end)) == (len(text), len(text) + 1), line
        text += token
        if tag.startswith("B-"):
            entities.append((tag[2:], int(start), int(end)))
        elif tag.startswith("I-"):
            assert entities[-1][0] == tag[2:] and entities[-1][2] == int(start), line
            entities[-1] = (*entities[-1][:2], int(end))
    return text, entities


def entities_of(record: dict[str, Any]) -> list[Mention]:
    return [(e["type"], e["start"], e["end"]) for e in record["entities"]]
