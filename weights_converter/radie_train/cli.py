"""The `radie-train` command: fine-tuning on one's own reports (docs/training.md)."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from radie_convert.errors import ConversionError
from radie_train.errors import Interrupted, TrainError
from radie_train.inline_notation import NotationError
from radie_train.interrupt import stoppable

_STAGES = {"tagger": ("tagger",), "relation": ("relation",), "pipeline": ("tagger", "relation")}
_HELP = {
    "tagger": "train stage 1, the entities",
    "relation": "train stage 2, the relations",
    "pipeline": "train both stages",
}
_FORMATS = (
    "Reports: JSON Lines with entities and relations (.jsonl), the inline notation (.txt), brat "
    "(.ann with a .txt beside it), or a folder of one of them."
)
_FROM = (
    "--from takes a model file, or a checkpoint folder of transformers: a BERT (model_type bert, "
    "absolute positions, at least 512 of them, gelu) with one token a character. Word and subword "
    "vocabularies, other architectures and other layouts of the relation stage are not supported."
)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status: 0, 1 with a line on stderr, 128 + signal."""
    arguments = _parser().parse_args(argv)
    # Not before the arguments are read: torch takes seconds to import.
    try:
        from radie_train import commands
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        print("radie-train: needs PyTorch: pip install radie-convert[torch]", file=sys.stderr)
        return 1

    try:
        if arguments.command == "to-brat":
            commands.to_brat(arguments)
        elif arguments.command == "to-jsonl":
            commands.to_jsonl(arguments)
        elif arguments.command == "calibrate":
            commands.calibrate(arguments)
        else:
            with stoppable() as stop:
                if arguments.command == "cross-validate":
                    commands.validate(arguments, stop)
                else:
                    commands.train(arguments, _STAGES[arguments.command], stop)
    except (TrainError, ConversionError, NotationError, OSError) as error:
        print(f"radie-train: {error}", file=sys.stderr)
        return 1
    except Interrupted as interrupted:
        print(f"radie-train: {_interrupted(arguments)}", file=sys.stderr)
        return 128 + interrupted.signal
    return 0


def _interrupted(arguments: argparse.Namespace) -> str:
    if arguments.command == "cross-validate" and arguments.work is None:
        return "interrupted; with --work it could have gone on later"
    return "interrupted; the same command goes on from here"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="radie-train", description="Trains radie models on your own annotated reports."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in _HELP.items():
        command = commands.add_parser(name, help=text, description=f"{_FORMATS} {_FROM}")
        _add_training(command)
        command.add_argument(
            "--output", type=Path, required=True, metavar="OUT.radie", help="and OUT.md, its card"
        )
        command.add_argument("--dev", type=Path, nargs="+", metavar="FILE", help="held-out reports")
        about = command.add_argument_group("about the model")
        about.add_argument("--name", help="default: the output's name")
        about.add_argument("--license", help="default: that of what it starts from")
        about.add_argument("--dtype", choices=("fp16", "fp32"), help="default: as it was, or fp32")
    validation = commands.add_parser(
        "cross-validate", help="how well would training do on reports like these?"
    )
    _add_training(validation)
    validation.add_argument("--folds", type=_count, default=5)
    validation.add_argument(
        "--findings",
        type=Path,
        metavar="FOLDER",
        help="write what each fold's model finds in the reports that it has not seen, for `radie "
        "eval`: both-stages.jsonl, and gold-entities.jsonl with relations between annotated "
        "entities",
    )
    calibration = commands.add_parser(
        "calibrate",
        help="make a model's confidences agree with how often it is right",
        description=f"Needs reports that took no part in the model's training. {_FORMATS}",
    )
    calibration.add_argument("--model", type=Path, required=True, metavar="M.radie")
    calibration.add_argument("--reports", type=Path, nargs="+", required=True, metavar="FILE")
    calibration.add_argument("--output", type=Path, required=True, metavar="OUT.radie")
    calibration.add_argument("--threads", type=_count)
    brat = commands.add_parser("to-brat", help="write a folder for annotation in brat")
    brat.add_argument("reports", type=Path, nargs="+", help='JSON Lines of {"id","text"}')
    brat.add_argument("--output", type=Path, required=True, metavar="FOLDER")
    brat.add_argument(
        "--from", dest="base", type=Path, metavar="M.radie", help="annotate with it beforehand"
    )
    lines = commands.add_parser(
        "to-jsonl", help="write annotated reports as JSON Lines", description=_FORMATS
    )
    lines.add_argument("reports", type=Path, nargs="+")
    lines.add_argument("--output", type=Path, required=True, metavar="FILE.jsonl")
    return parser


def _add_training(command: argparse.ArgumentParser) -> None:
    start = command.add_mutually_exclusive_group(required=True)
    start.add_argument("--from", dest="base", type=Path, metavar="MODEL", help="file or folder")
    start.add_argument("--scratch", action="store_true", help="start from random weights")
    data = command.add_argument_group("reports")
    data.add_argument("--train", type=Path, nargs="+", required=True, metavar="FILE")
    data.add_argument(
        "--dev-share",
        type=_share,
        help="share of --train held back to measure and stop early, without --dev; 0: none; "
        "default: a tenth of 100 reports or more, of fewer none",
    )
    data.add_argument("--mix", type=Path, metavar="FOLDER", help="a corpus not to be forgotten")
    data.add_argument(
        "--mix-weight", type=_share, default=0.3, help="its share of the batches; default: 0.3"
    )
    data.add_argument(
        "--vocabulary",
        type=Path,
        nargs="+",
        metavar="TSV",
        help="mentions by type (files, or folders of .tsv) to stand in place of others in training",
    )
    data.add_argument(
        "--recombine",
        type=_share,
        default=0.0,
        metavar="SHARE",
        help="share of the reports whose sentences are put together anew; default: 0",
    )
    how = command.add_argument_group("training")
    how.add_argument(
        "--steps", type=_count, help="for each stage; default: 800 and 1500 from a model"
    )
    how.add_argument(
        "--rate",
        type=_rate,
        help="default: 3e-4; 5e-5 from hidden size 512 on; 1e-3 and 7e-4 from scratch",
    )
    how.add_argument(
        "--batch", type=_count, help="default: 16 samples, 2 windows; 32 and 8 from a folder"
    )
    how.add_argument("--patience", type=_count, default=5, help="measures without a better one")
    how.add_argument("--measure-every", type=_count, metavar="STEPS", help="default: steps / 16")
    how.add_argument("--seed", type=int, default=7)
    how.add_argument("--layers", type=_count, help="of the encoder, with --scratch")
    how.add_argument("--hidden", type=_count, help="size of the encoder, with --scratch")
    machine = command.add_argument_group("machine")
    machine.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    machine.add_argument(
        "--precision", choices=("auto", "fp32", "bf16"), default="auto", help="auto: bf16 on cuda"
    )
    machine.add_argument("--threads", type=_count, help="default: as many as the process may use")
    machine.add_argument("--work", type=Path, metavar="DIR", help="keeps state to go on from")


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError("must be at least 0 and below 1")
    return value


def _rate(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError("must be above 0")
    return value


if __name__ == "__main__":
    sys.exit(main())
