"""radie-convert verify on a small random checkpoint of every layout, and on one with other weights
than the model.

usage: verify_parity.py RADIE_COMMAND      exit 1 where a number, a tag or a relation differs
"""

import contextlib
import io
import sys
import tempfile
from pathlib import Path

import torch
from radie_convert import BuildOptions, build_model
from radie_convert.cli import main as radie_convert_main
from radie_convert.verify import Comparison, verify_model
from support.checkpoint_layouts import LAYOUTS, SECOND_STAGES, Layout
from support.random_checkpoint import texts_file, write_checkpoint


def compare(command: str, work: Path, layout: Layout, seed: int) -> list[Comparison]:
    folder = work / f"c{seed}"
    checkpoint = write_checkpoint(folder, layout, seed)
    if layout.relations is None:
        options = BuildOptions(entity_settings=layout.entities)
        build_model(folder / "m.radie", tagger=checkpoint, options=options)
    else:
        options = BuildOptions(relation_settings={"context_tokens": 30, **layout.relations})
        build_model(folder / "m.radie", relation=checkpoint, options=options)
    return verify_model(folder / "m.radie", [checkpoint], texts_file(folder, layout), radie=command)


def both_stages(command: str, work: Path, relation: Layout) -> list[Comparison]:
    """One model of two checkpoints of other kinds; relations on the mentions that the tagger
    finds."""
    tagger = Layout("tagger", "electra", "pytorch-crf")
    work.mkdir()
    checkpoints = [
        write_checkpoint(work / f"both{i}", layout, 3 + i)
        for i, layout in enumerate((tagger, relation))
    ]
    options = BuildOptions(relation_settings={"context_tokens": 20, **(relation.relations or {})})
    build_model(
        work / "both.radie", tagger=checkpoints[0], relation=checkpoints[1], options=options
    )
    return verify_model(work / "both.radie", checkpoints, texts_file(work, tagger), radie=command)


def row(layout: Layout, comparisons: list[Comparison]) -> str:
    largest: dict[str, float] = {}
    decisions: dict[str, list[int]] = {}
    for comparison in comparisons:
        for what, value in comparison.largest.items():
            largest[what] = max(value, largest.get(what, 0.0))
        for what, (same, total) in comparison.decisions.items():
            counts = decisions.setdefault(what, [0, 0])
            counts[0], counts[1] = counts[0] + same, counts[1] + total
    numbers = ", ".join(f"{what} {value:.1e}" for what, value in largest.items())
    shares = ", ".join(f"{what} {same}/{total}" for what, (same, total) in decisions.items())
    return f"| {layout.name} | {numbers} | {shares} |"


def other_weights_are_told(command: str, work: Path) -> int:
    """The command passes a model against its own checkpoint, and not against one with other
    weights."""
    layout = Layout("other", head="pytorch-crf")
    mine = write_checkpoint(work / "mine", layout, 1)
    other = write_checkpoint(work / "other", layout, 2)
    build_model(work / "m.radie", tagger=mine)
    texts = str(texts_file(work, layout))
    arguments = ["verify", str(work / "m.radie"), "--text", texts, "--radie", command, "--against"]
    with contextlib.redirect_stdout(io.StringIO()):
        statuses = [radie_convert_main([*arguments, str(folder)]) for folder in (mine, other)]
    return int(statuses != [0, 1])


def main() -> int:
    command = sys.argv[1]
    torch.set_num_threads(1)
    failed = 0
    print("| layout | largest difference | identical decisions |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        for seed, layout in enumerate(LAYOUTS):
            comparisons = compare(command, Path(name), layout, seed)
            compared = sum(total for c in comparisons for _, total in c.decisions.values())
            failed += not all(c.agrees(1e-4) for c in comparisons) or not compared
            print(row(layout, comparisons), flush=True)
        for number, relation in enumerate(SECOND_STAGES):
            comparisons = both_stages(command, Path(name) / f"both{number}", relation)
            failed += not all(c.agrees(1e-4) for c in comparisons) or len(comparisons) != 3
            print(
                row(Layout(f"ELECTRA with a CRF, then {relation.name}, both stages"), comparisons)
            )
        failed += other_weights_are_told(command, Path(name))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
