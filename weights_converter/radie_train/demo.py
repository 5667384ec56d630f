"""Trains the bundled demo model: both stages on the written corpus, and one model file from them.

    python -m radie_train.demo --corpus corpus --output demo/demo.radie [--seed 7] [--work DIR]

The stages train at the same time, one process and one core each (`--threads`). With `--work`
the checkpoints stay, and a run that was cut off goes on from them and ends with the same weights.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from radie_convert.build import BuildOptions, build_model
from radie_train import masked_text
from radie_train.calibration import fit_temperatures, write_calibrated
from radie_train.corpus import normalized, split_by_file
from radie_train.encoder import EncoderConfig
from radie_train.errors import Interrupted, TrainError
from radie_train.export import export_relations, export_tagger
from radie_train.fine_tuning import FineTuning, finished_weights
from radie_train.infer import load_pipeline
from radie_train.inline_notation import read_corpus
from radie_train.interrupt import Stop, stoppable
from radie_train.models import RelationClassifier, Tagger
from radie_train.plan import SCRATCH, device_of
from radie_train.progress import Progress
from radie_train.recipe import Data, Surroundings, claim_work, identity_of, train_stages
from radie_train.report import Report, write_jsonl
from radie_train.shared_layout import TOKEN_TYPES
from radie_train.sources import digest
from radie_train.start import STAGES, from_scratch
from radie_train.vocabulary import Vocabulary, build_vocabulary

_LAYERS = {"tagger": 4, "relation": 4}
_HIDDEN = {"tagger": 256, "relation": 256}
_ROPE_THETA = 1000.0
"""Tried for texts of some hundred characters; no other value was."""
_HELD_OUT = "w20,w28,w37,w46"
"""Authors whose reports tell how good the model is, and fit its temperatures."""
_POLL_SECONDS = 0.2
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
    device: str = "cpu"
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

    def settings(self, stage: str) -> FineTuning:
        """How a stage is trained."""
        effort = SCRATCH[stage]
        return FineTuning(
            steps=max(1, round(effort.steps * self.scale)),
            batch=effort.batch,
            rate=effort.rate,
            seed=self.seed,
            device=self.device,
            bfloat16=self.bfloat16,
            masked=masked_text.SHARE,
        )

    def claim(self) -> None:
        """Makes the work folder this run's; a TrainError where it is one of other inputs."""
        train, held = self.reports()
        identity = {"training reports": digest(train), "held back": digest(held)}
        identity["threads"] = str(self.threads)  # they change the last bits of sums
        claim_work(self.work, identity | identity_of({s: self.settings(s) for s in STAGES}))


def encoder_config(stage: str, vocabulary: Vocabulary) -> EncoderConfig:
    """The shape of a stage's encoder."""
    return EncoderConfig(
        len(vocabulary),
        hidden_size=_HIDDEN[stage],
        num_hidden_layers=_LAYERS[stage],
        intermediate_size=4 * _HIDDEN[stage],
        type_vocab_size=TOKEN_TYPES if stage == "relation" else 2,
        rope_theta=_ROPE_THETA,
    )


def train_stage(stage: str, run: Run, stop: Stop) -> None:
    """Trains one stage, from where it stands, and leaves its checkpoint."""
    torch.set_num_threads(run.threads)
    reports, _ = run.reports()
    tokens = build_vocabulary(report.text for report in reports)
    torch.manual_seed(run.seed)
    start = from_scratch({stage: encoder_config(stage, Vocabulary(tokens))}, tokens)
    around = Surroundings(run.work, Progress(shared=True), stop)
    train_stages(start, Data(reports, []), {stage: run.settings(stage)}, around)


def write_model_file(run: Run, output: Path) -> None:
    """Both stages' averaged weights into one model file; a TrainError where one is unfinished."""
    reports, _ = run.reports()
    tokens = build_vocabulary(report.text for report in reports)
    vocabulary = Vocabulary(tokens)
    tagger = Tagger(encoder_config("tagger", vocabulary))
    relations = RelationClassifier(encoder_config("relation", vocabulary))
    tagger.load_state_dict(finished_weights(run.checkpoint("tagger")))
    relations.load_state_dict(finished_weights(run.checkpoint("relation")))
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


def _calibrate(output: Path, held: Sequence[Report]) -> None:
    """Temperatures of both stages, fitted on the authors held back; none where they are few."""
    progress = Progress()
    try:
        fits = fit_temperatures(load_pipeline(output), held, ("entities", "relations"))
    except TrainError as error:
        progress.say(f"confidences stay as they are: {error}")
        return
    for stage, fit in fits.items():
        progress.say(fit.line(stage))
    write_calibrated(output, output, {stage: fit.temperature for stage, fit in fits.items()})


def _train_both(run: Run, arguments: Sequence[str], stop: Stop) -> None:
    command = [sys.executable, "-m", "radie_train.demo", *arguments, "--work", str(run.work)]
    # In sessions of their own: a terminal's Ctrl-C reaches them once, from here.
    children = [
        subprocess.Popen([*command, "--stage", stage], start_new_session=True) for stage in STAGES
    ]
    told = False
    while any(child.poll() is None for child in children):
        if stop.signal and not told:
            told = True
            for child in children:
                child.send_signal(stop.signal)
        time.sleep(_POLL_SECONDS)
    if stop.signal:
        raise Interrupted(stop.signal)
    if any(child.returncode for child in children):
        raise TrainError("a stage was not trained to its end")


def _run(run: Run, arguments: argparse.Namespace, given: Sequence[str], stop: Stop) -> None:
    run.claim()
    if arguments.stage:
        train_stage(arguments.stage, run, stop)
        return
    if not arguments.export_only:
        _train_both(run, given, stop)
    write_model_file(run, arguments.output)
    _, held = run.reports()
    if held:
        _calibrate(arguments.output, held)
        write_jsonl(run.work / "held_out.jsonl", held)


def _run_of(arguments: argparse.Namespace, work: Path) -> Run:
    return Run(
        corpus=arguments.corpus,
        work=work,
        seed=arguments.seed,
        held_out=tuple(name for name in arguments.hold_out.split(",") if name),
        device=device_of(arguments.device),
        bfloat16=arguments.precision == "bf16",
        scale=arguments.scale,
        count=arguments.reports,
        threads=arguments.threads,
    )


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
        "--hold-out",
        default=_HELD_OUT,
        metavar="FILES",
        help="authors to leave out (default: %(default)s)",
    )
    parser.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda"),
        default="auto",
        help="auto: CUDA where PyTorch finds it",
    )
    parser.add_argument(
        "--precision",
        choices=("fp32", "bf16"),
        default="fp32",
        help="of matrix products (default: %(default)s)",
    )
    parser.add_argument("--scale", type=float, default=1.0, help="factor of the training steps")
    parser.add_argument(
        "--reports", type=int, metavar="N", help="train on N of the reports, drawn by the seed"
    )
    parser.add_argument("--stage", choices=sorted(STAGES), help="train this stage only")
    parser.add_argument(
        "--threads", type=int, default=1, metavar="N", help="of each stage; both train at once"
    )
    parser.add_argument("--export-only", action="store_true", help="from the checkpoints in --work")
    arguments = parser.parse_args(arguments_given)
    with tempfile.TemporaryDirectory() as temporary:
        try:
            run = _run_of(arguments, arguments.work or Path(temporary))
            with stoppable() as stop:
                _run(run, arguments, arguments_given, stop)
        except TrainError as error:
            print(f"radie_train.demo: {error}", file=sys.stderr)
            return 1
        except Interrupted as interrupted:
            return 128 + interrupted.signal
    return 0


if __name__ == "__main__":
    sys.exit(main())
