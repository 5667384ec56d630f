"""The `radie-convert` command."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from radie_convert.arrays import STORED_DTYPES
from radie_convert.build import SENTENCES, BuildOptions, build_model
from radie_convert.errors import ConversionError
from radie_convert.inspect import describe_model
from radie_convert.inspect_checkpoint import describe_checkpoint
from radie_convert.jsonfile import read_json_object
from radie_convert.labels import SCHEMES
from radie_convert.model_file import is_model_file
from radie_convert.schema import SHIPPED, load_schema
from radie_convert.stages import SUBWORDS
from radie_convert.text_steps import parse_normalization
from radie_convert.verify import LIMIT, verify_model


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status: 0, or 1 with one line on stderr.

    `verify` also gives 1 where model and checkpoint differ.
    """
    arguments = _parser().parse_args(argv)
    try:
        agreed = arguments.run(arguments)
    except (ConversionError, OSError) as error:
        print(f"radie-convert: {error}", file=sys.stderr)
        return 1
    return 1 if agreed is False else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="radie-convert", description="Makes and shows radie model files."
    )
    commands = parser.add_subparsers(dest="command", required=True)

    build = commands.add_parser(
        "build", help="make a model file from checkpoint folders", description=_BUILD
    )
    build.set_defaults(run=_build)
    stages = build.add_argument_group("checkpoints")
    stages.add_argument("--tagger", type=Path, metavar="CKPT", help="stage 1: entities")
    stages.add_argument("--relation", type=Path, metavar="CKPT", help="stage 2: relations")
    stages.add_argument("--encoder", type=Path, metavar="CKPT", help="an encoder by itself")
    _add_base(stages)
    stages.add_argument(
        "--cut-embeddings",
        action="store_true",
        help="leave out rows of the embedding table that no token of the vocabulary has",
    )
    build.add_argument("--output", type=Path, required=True, metavar="FILE")
    build.add_argument("--dtype", choices=STORED_DTYPES, default="fp32")
    about = build.add_argument_group("about the model")
    about.add_argument("--name", help="default: the output's name without its ending")
    about.add_argument("--model-version", default="1")
    about.add_argument("--license", default="")
    about.add_argument("--description", default="")
    over = build.add_argument_group("settings, over those of the checkpoints' radie.json")
    over.add_argument(
        "--normalization",
        metavar="STEPS",
        help="a name, names joined by commas, or a JSON list of steps (default: radiology-ja)",
    )
    over.add_argument("--sentences", choices=SENTENCES)
    over.add_argument(
        "--schema",
        metavar="NAME_OR_FILE",
        help=f"the information model: {', '.join(SHIPPED)}, or a JSON file (default: {SHIPPED[0]})",
    )
    over.add_argument("--labels", type=_names, help="the tagger's labels, joined by commas")
    over.add_argument("--scheme", choices=SCHEMES, help="of the tagger's labels")
    over.add_argument(
        "--subwords", choices=SUBWORDS, help="which sub-words of a word the tagger labels"
    )
    over.add_argument(
        "--special-tokens-in-path",
        action="store_true",
        help="[CLS] and [SEP] take part in the tagger's CRF",
    )
    over.add_argument(
        "--unconstrained",
        action="store_true",
        help="decode label sequences that the scheme does not allow, too, as the checkpoint does",
    )
    over.add_argument("--relation-labels", type=_names, help="joined by commas")
    over.add_argument("--relation-settings", type=Path, metavar="FILE", help="a JSON object")

    inspect = commands.add_parser(
        "inspect", help="show what a model file holds, or what a checkpoint is and lacks"
    )
    inspect.set_defaults(run=_inspect)
    inspect.add_argument("model", type=Path, metavar="MODEL_OR_CKPT")
    _add_base(inspect)
    inspect.add_argument("--tensors", action="store_true", help="list every tensor")

    verify = commands.add_parser(
        "verify", help="prove that a model computes what its checkpoints do", description=_VERIFY
    )
    verify.set_defaults(run=_verify)
    verify.add_argument("model", type=Path)
    verify.add_argument(
        "--against",
        type=Path,
        required=True,
        action="append",
        metavar="CKPT",
        help="a checkpoint the model was made from; once for each",
    )
    verify.add_argument(
        "--text", type=Path, required=True, metavar="FILE", help="a text a line, or .jsonl"
    )
    verify.add_argument("--radie", default="radie", metavar="PATH", help="the radie command")
    verify.add_argument(
        "--limit", type=float, default=LIMIT, help="largest difference (default: %(default)s)"
    )
    _add_base(verify)
    return parser


_VERIFY = (
    "Runs PyTorch (transformers) and radie on the same sentences and pairs, and prints the largest "
    "difference of hidden states, emissions and logits and the share of identical decisions. Exit "
    "status 1 where a number differs by more than --limit or a decision at all. Lines of a .jsonl "
    'file are objects with "text" and, for a model without a tagger, "entities". Decisions follow '
    "the model's own rules: with `constrained` (the default) ill-formed label sequences are left "
    "out on both sides."
)

_BUILD = (
    "Give --tagger, --relation or both, or --encoder alone. A checkpoint is a folder with "
    "config.json, model.safetensors (or pytorch_model.bin, shards, or a Lightning .ckpt), a "
    "vocabulary and, optionally, radie.json; or such a weights file with the others beside it."
)


def _build(arguments: argparse.Namespace) -> None:
    options = BuildOptions(
        name=arguments.name if arguments.name is not None else arguments.output.stem,
        version=arguments.model_version,
        license=arguments.license,
        description=arguments.description,
        dtype=arguments.dtype,
        normalization=(
            None
            if arguments.normalization is None
            else parse_normalization(arguments.normalization)
        ),
        sentences=arguments.sentences,
        schema=None if arguments.schema is None else load_schema(arguments.schema),
        entity_labels=arguments.labels,
        entity_settings=_entity_settings(arguments),
        relation_labels=arguments.relation_labels,
        relation_settings=_json(arguments.relation_settings),
        base=arguments.base,
        cut_embeddings=arguments.cut_embeddings,
    )
    build_model(
        arguments.output,
        tagger=arguments.tagger,
        relation=arguments.relation,
        encoder=arguments.encoder,
        options=options,
    )


def _entity_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """Those that an option gives."""
    given = {"scheme": arguments.scheme, "subwords": arguments.subwords}
    settings: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if arguments.special_tokens_in_path:
        settings["special_tokens_in_path"] = True
    if arguments.unconstrained:
        settings["constrained"] = False
    return settings


def _inspect(arguments: argparse.Namespace) -> None:
    if is_model_file(arguments.model):
        text = describe_model(arguments.model, tensors=arguments.tensors)
    else:
        text = describe_checkpoint(arguments.model, base=arguments.base, tensors=arguments.tensors)
    sys.stdout.write(text)


def _add_base(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--base",
        type=Path,
        metavar="FOLDER",
        help="the pretrained model's folder, for a checkpoint without config or vocabulary",
    )


def _verify(arguments: argparse.Namespace) -> bool:
    comparisons = verify_model(
        arguments.model,
        arguments.against,
        arguments.text,
        radie=arguments.radie,
        base=arguments.base,
    )
    for comparison in comparisons:
        print("\n".join(comparison.lines()))
    agreed = all(comparison.agrees(arguments.limit) for comparison in comparisons)
    print("agree" if agreed else f"DIFFER: by more than {arguments.limit:g}, or in a decision")
    return agreed


def _json(path: Path | None) -> dict[str, Any] | None:
    return None if path is None else read_json_object(path)


def _names(text: str) -> list[str]:
    return text.split(",")


if __name__ == "__main__":
    sys.exit(main())
