"""Trains the bundled demo model: both stages on the written corpus, and one model file from them.

    python -m radie_train.demo --corpus corpus --output demo/demo.radie [--seed 7] [--work DIR]

The stages train at the same time, one process and one core each (`--threads`). With `--work`
the checkpoints stay, and a run that was cut off goes on from them.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from radie_convert.build import BuildOptions, build_model
from radie_train.calibration import write_calibrated
from radie_train.corpus import normalized, split_by_file
from radie_train.encoder import EncoderConfig
from radie_train.export import export_relations, export_tagger
from radie_train.inline_notation import read_corpus
from radie_train.models import RelationClassifier, Tagger
from radie_train.report import Report, write_jsonl
from radie_train.shared_layout import TOKEN_TYPES
from radie_train.stages import train_relations, train_tagger
from radie_train.training import TrainingSettings, load_average
from radie_train.vocabulary import Vocabulary, build_vocabulary

_LAYERS = {"tagger": 4, "relation": 4}
_HIDDEN = {"tagger": 256, "relation": 256}
_BATCH = {"tagger": 32, "relation": 4}
_STEPS = {"tagger": 8000, "relation": 10000}
_RATE = {"tagger": 1e-3, "relation": 7e-4}
# Of confidences. Nothing is held back from the bundled model, so these were fitted on authors held
# back from another run of the recipe (docs/demo-model.md).
_TEMPERATURES = {"entities": 1.756, "relations": 1.248}
_DESCRIPTION = (
    "Demonstration model for Japanese CT reports, trained from nothing on invented reports. "
    "Not for clinical use."
)


@dataclass(frozen=True)
class Run:
    """One run's inputs and places."""

    corpus: Path
    work: Path
    seed: int
    held_out: tuple[str, ...] = ()
    bfloat16: bool = False
    scale: float = 1.0
    """Factor of the number of steps."""
    count: int | None = None
    """How many reports to train on, drawn by the seed; None for all. Fewer are a part of more."""
    threads: int = 1
    """Of each stage."""

    def reports(self) -> tuple[list[Report], list[Report]]:
        """Normalised reports to train on, and untouched ones held back."""
        train, held = split_by_file(read_corpus(self.corpus), self.held_out)
        if self.count is not None:
            train = random.Random(self.seed).sample(train, len(train))[: self.count]
        return [normalized(report) for report in train], held

    def checkpoint(self, stage: str) -> Path:
        """Where a stage's training state stands."""
        return self.work / f"{stage}.pt"

    def settings(self, stage: str) -> TrainingSettings:
        """How a stage is trained."""
        return TrainingSettings(
            steps=max(1, round(_STEPS[stage] * self.scale)),
            batch=_BATCH[stage],
            rate=_RATE[stage],
            seed=self.seed,
            threads=self.threads,
            bfloat16=self.bfloat16,
        )


def computes_bfloat16(precision: str, cpu_facts: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether matrix products are taken in bfloat16; without hardware for it that is slower."""
    if precision != "auto":
        return precision == "bf16"
    try:
        flags = set(cpu_facts.read_text(encoding="utf-8").split())
    except OSError:
        return False
    return bool(flags & {"avx512_bf16", "amx_bf16"})


def encoder_config(stage: str, vocabulary: Vocabulary) -> EncoderConfig:
    """The shape of a stage's encoder."""
    return EncoderConfig(
        len(vocabulary),
        hidden_size=_HIDDEN[stage],
        num_hidden_layers=_LAYERS[stage],
        intermediate_size=4 * _HIDDEN[stage],
        type_vocab_size=TOKEN_TYPES if stage == "relation" else 2,
    )


def train_stage(stage: str, run: Run) -> None:
    """Trains one stage and leaves its checkpoint."""
    reports, _ = run.reports()
    vocabulary = Vocabulary(build_vocabulary(report.text for report in reports))
    train = train_tagger if stage == "tagger" else train_relations
    train(
        reports,
        vocabulary,
        encoder_config(stage, vocabulary),
        run.settings(stage),
        run.checkpoint(stage),
        lambda line: print(f"{stage}: {line}", flush=True),
    )


def write_model_file(run: Run, output: Path) -> None:
    """Both stages' averaged weights, as they stand in the checkpoints, into one model file."""
    reports, _ = run.reports()
    tokens = build_vocabulary(report.text for report in reports)
    vocabulary = Vocabulary(tokens)
    tagger = Tagger(encoder_config("tagger", vocabulary))
    relations = RelationClassifier(encoder_config("relation", vocabulary))
    load_average(run.checkpoint("tagger"), tagger)
    load_average(run.checkpoint("relation"), relations)
    export_tagger(run.work / "tagger", tagger, tokens)
    export_relations(run.work / "relation", relations, tokens)
    output.parent.mkdir(parents=True, exist_ok=True)
    build_model(
        output,
        tagger=run.work / "tagger",
        relation=run.work / "relation",
        options=BuildOptions(
            name="radie-demo",
            version="1",
            license="Apache-2.0",
            description=_DESCRIPTION,
            dtype="fp16",
        ),
    )
    write_calibrated(output, output, _TEMPERATURES)


def _train_both(run: Run, arguments: Sequence[str]) -> None:
    command = [sys.executable, "-m", "radie_train.demo", *arguments, "--work", str(run.work)]
    children = [subprocess.Popen([*command, "--stage", stage]) for stage in _STEPS]
    try:
        codes = [child.wait() for child in children]
    except BaseException:
        for child in children:
            child.terminate()
        raise
    if any(codes):
        raise SystemExit(1)


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    arguments_given = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="folder of the written corpus")
    parser.add_argument("--output", type=Path, required=True, help="the model file to write")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--work", type=Path, help="keep checkpoints here; default: a temporary folder"
    )
    parser.add_argument(
        "--hold-out", default="", metavar="FILES", help="authors to leave out, such as w05,w13"
    )
    parser.add_argument(
        "--precision",
        choices=("auto", "fp32", "bf16"),
        default="auto",
        help="of matrix products; auto: bf16 where the processor multiplies it",
    )
    parser.add_argument("--scale", type=float, default=1.0, help="factor of the training steps")
    parser.add_argument(
        "--reports", type=int, metavar="N", help="train on N of the reports, drawn by the seed"
    )
    parser.add_argument("--stage", choices=sorted(_STEPS), help="train this stage only")
    parser.add_argument(
        "--threads", type=int, default=1, metavar="N", help="of each stage; both train at once"
    )
    parser.add_argument("--export-only", action="store_true", help="from the checkpoints in --work")
    arguments = parser.parse_args(arguments_given)
    with tempfile.TemporaryDirectory() as temporary:
        run = Run(
            corpus=arguments.corpus,
            work=arguments.work or Path(temporary),
            seed=arguments.seed,
            held_out=tuple(name for name in arguments.hold_out.split(",") if name),
            bfloat16=computes_bfloat16(arguments.precision),
            scale=arguments.scale,
            count=arguments.reports,
            threads=arguments.threads,
        )
        run.work.mkdir(parents=True, exist_ok=True)
        if arguments.stage:
            train_stage(arguments.stage, run)
            return 0
        if not arguments.export_only:
            _train_both(run, arguments_given)
        write_model_file(run, arguments.output)
        _, held = run.reports()
        if held:
            write_jsonl(run.work / "held_out.jsonl", held)
    return 0


if __name__ == "__main__":
    sys.exit(main())
