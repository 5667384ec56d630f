"""Running the radie command."""

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from radie_convert.arrays import Tensors
from radie_convert.errors import ConversionError
from radie_convert.model_file import deserialize


class RadieCommand:
    """The command at a path, with one model."""

    def __init__(self, command: str, model: Path) -> None:
        self._command = command
        self._model = model

    def encode(self, stage: str, lines: Sequence[Mapping[str, Any]]) -> Tensors:
        """`radie encode --heads`: the tensors of all sequences, each an object with `ids`."""
        with tempfile.TemporaryDirectory() as folder:
            ids, output = Path(folder) / "ids.jsonl", Path(folder) / "states.safetensors"
            ids.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
            self._run("encode", "--stage", stage, "--heads", "--ids", ids, "--output", output)
            return deserialize(output.read_bytes(), "the output of radie encode")

    def extract(self, texts: Sequence[str], relations: bool) -> list[dict[str, Any]]:
        """`radie extract`: one record a text, positions in code points; entities, and relations."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "texts.jsonl"
            records = [{"id": str(i), "text": text} for i, text in enumerate(texts)]
            file.write_text(
                "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8"
            )
            stages = "both" if relations else "entities"
            output = self._run("extract", "--format", "jsonl", "--stage", stages, file)
        found = [json.loads(line) for line in output.decode("utf-8").splitlines()]
        if len(found) != len(texts) or any("entities" not in record for record in found):
            raise ConversionError("radie extract did not give a record for each text")
        return found

    def _run(self, subcommand: str, *arguments: object) -> bytes:
        command = [self._command, subcommand, "--model", str(self._model), *map(str, arguments)]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except OSError as error:
            raise ConversionError(
                f"cannot run {self._command}: {error.strerror}; give the command with --radie"
            ) from error
        if done.returncode != 0:
            reason = done.stderr.decode("utf-8", "replace").strip()[-500:]
            raise ConversionError(f"radie {subcommand} failed: {reason}")
        return done.stdout
