"""What the tests of encodings share: their names in Python, texts that all of them can write."""

from typing import Any

from harness import radie, records, schema_problems

PYTHON = {
    "utf-8": "utf-8",
    "cp932": "cp932",
    "euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_ext",
    "utf-16": "utf-16",
}
TEXTS = [
    "右肺上葉に12mm大の不整形結節を認めます。\r\n原発性肺癌を疑います。",
    "【所見】\n肝S8に嚢胞を認める。リンパ節腫大なし。\n",
    "S1+2 に 3.5cm の GGN を認め\nます。follow up",
]


def failure(data: bytes, *arguments: object) -> dict[str, Any]:
    done = radie("extract", *arguments, "-", stdin=data)
    assert done.returncode == 1, done.stdout
    (record,) = records(done.stdout)
    assert not schema_problems(record)
    error: dict[str, Any] = record["error"]
    return error
