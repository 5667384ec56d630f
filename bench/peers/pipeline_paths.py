"""Where the comparison of both stages keeps its files."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Paths:
    """Files of one size of encoder."""

    folder: Path

    @property
    def tagger(self) -> Path:
        return self.folder / "tagger"

    @property
    def relation(self) -> Path:
        return self.folder / "relation"

    def model(self, layout: str) -> Path:
        return self.folder / f"{layout}.radie"

    @property
    def reports(self) -> Path:
        return self.folder / "reports.jsonl"
