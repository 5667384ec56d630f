"""The `radie-train` command as its users run it; docs/training.md, command by command."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch
from train_support import NOTATION, tiny_model, tiny_reports, write_reports

from radie_convert.model_file import read_model
from radie_train.brat import write_brat
from radie_train.cli import main
from radie_train.evaluate import entity_score, relation_score
from radie_train.infer import load_pipeline
from radie_train.progress import Progress
from radie_train.report import read_jsonl

PACKAGE = Path(__file__).parents[1]
PROJECT = PACKAGE.parent
FEW = ["--steps", "3", "--batch", "4", "--threads", "1"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a model file and annotated reports."""
    tiny_model(tmp_path / "base.radie")
    write_reports(tmp_path / "train.jsonl", tiny_reports(8))
    return tmp_path


def _train(place: Path, output: str, *more: str, stage: str = "pipeline") -> int:
    paths = ["--from", str(place / "base.radie"), "--train", str(place / "train.jsonl")]
    return main([stage, *paths, "--output", str(place / output), *FEW, *more])


def test_writes_a_model_and_its_card(place: Path) -> None:
    dev = ["--dev-share", "0.1"]
    assert _train(place, "a.radie", *dev) == 0
    assert _train(place, "b.radie", *dev, "--name", "a") == 0
    assert (place / "a.radie").read_bytes() == (place / "b.radie").read_bytes()
    pipeline = load_pipeline(place / "a.radie")
    assert pipeline.extract("x", "右肺に結節").text == "右肺に結節"
    metadata, tensors = read_model(place / "a.radie")
    assert metadata["model"]["license"] == "CC0-1.0"
    assert metadata["relations"]["layout"] == "shared"
    assert {t.dtype.name for t in tensors.values()} == {"float16"}
    card = (place / "a.md").read_text(encoding="utf-8")
    assert "Trained on 7 reports." in card
    assert "Measured while training on 1 report, drawn" in card
    assert "| `--train train.jsonl` | 8 | 28 | 20 |" in card
    assert len(re.findall(r"`[0-9a-f]{64}`", card)) == 2
    assert "| both stages |" in card
    assert "結節" not in card
    # Nothing is left of the run.
    assert not list(place.glob("*.work"))
    assert not list(place.glob("*.partial"))


def test_one_stage_is_trained_and_the_other_kept(place: Path) -> None:
    (place / "more.txt").write_text(NOTATION.replace("肝", "脾臓"), encoding="utf-8")
    dev = ["--train", str(place / "more.txt")]  # few reports: by themselves none is held back
    for stage, kept in (("tagger", "relations."), ("relation", "entities.")):
        assert _train(place, f"{stage}.radie", *dev, stage=stage) == 0
        _, before = read_model(place / "base.radie")
        _, after = read_model(place / f"{stage}.radie")
        same = {
            name
            for name, tensor in before.items()
            if tensor.shape == after[name].shape and (tensor == after[name]).all()
        }
        table = kept + "bert.embeddings.word_embeddings.weight"
        assert same >= {name for name in before if name.startswith(kept)} - {table}
        assert not {name for name in before if not name.startswith(kept)} <= same
        # 脾 and 臓 are new to the vocabulary.
        assert len(after[table]) == len(before[table]) + 2
        assert (after[table][: len(before[table])] == before[table]).all()
        card = (place / f"{stage}.md").read_text(encoding="utf-8")
        assert "None: no report was held back." in card


def test_starts_from_nothing_and_mixes(place: Path) -> None:
    corpus = place / "corpus"
    corpus.mkdir()
    (corpus / "w.txt").write_text(NOTATION, encoding="utf-8")
    arguments = ["--scratch", "--layers", "1", "--hidden", "16", "--mix", str(corpus)]
    arguments += ["--train", str(place / "train.jsonl"), "--dev", str(corpus / "w.txt")]
    output = place / "new.radie"
    work = ["--work", str(place / "work")]
    assert main(["pipeline", *arguments, *FEW, "--output", str(output), *work]) == 0
    card = output.with_suffix(".md").read_text(encoding="utf-8")
    assert "Started from | random weights" in card
    assert "A share of 0.3 of the batches came from 4 reports of a mixed-in corpus." in card
    assert "Measured while training on 4 reports, of `--dev`." in card
    assert (place / "work" / "tagger.pt").exists()
    assert load_pipeline(output).vocabulary.tokens[0] == "[PAD]"


def test_cross_validation_pools_its_folds(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["cross-validate", "--from", str(place / "base.radie"), *FEW]
    arguments += ["--train", str(place / "train.jsonl"), "--folds", "3"]
    work = ["--work", str(place / "work"), "--findings", str(place / "found")]
    assert main([*arguments, *work]) == 0
    first = capsys.readouterr().out
    rows = [line.split() for line in first.splitlines()[1:]]
    assert [" ".join(row[:-4]) for row in rows] == [
        "fold 1",
        "fold 2",
        "fold 3",
        "pooled",
        "untrained",
    ]
    assert [row[-4] for row in rows] == ["3", "3", "2", "8", "8"]
    # Every report was left out once; the figures of all are those of what was found in them.
    gold = sorted(read_jsonl(place / "train.jsonl"), key=lambda report: report.id)
    assert sum(len(report.entities) for report in gold) == 28
    both, on_gold = (
        sorted(read_jsonl(place / "found" / name), key=lambda report: report.id)
        for name in ("both-stages.jsonl", "gold-entities.jsonl")
    )
    assert [report.text for report in both] == [report.text for report in gold]
    assert [report.entities for report in on_gold] == [report.entities for report in gold]
    scores = [entity_score(gold, both), relation_score(gold, on_gold), relation_score(gold, both)]
    assert rows[3][-3:] == [f"{score.f1():.4f}" for score in scores]
    # Folds that are done are not done again, and a folder is one run's.
    started = time.monotonic()
    assert main([*arguments, *work]) == 0
    assert capsys.readouterr().out == first
    assert time.monotonic() - started < 20
    assert main([*arguments, *work, "--seed", "8"]) == 1
    assert "settings" in capsys.readouterr().err
    assert main([*arguments, "--folds", "9"]) == 1
    assert "--folds 9: from 2 to the number of reports, 8" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "none.radie"], "--from none.radie: there is no such file or folder"),
        (["--from", "train.jsonl"], "train.jsonl"),
        (["--train", "bad.jsonl"], "bad.jsonl:1: entities: is missing"),
        (["--output", "x.bin"], "--output x.bin: its name must end with .radie"),
        (["--output", "base.radie"], "--output base.radie: is what --from names"),
        (["--mix", "none"], "none: there is no such file"),
    ],
)
def test_says_what_is_wrong(
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(place)
    (place / "bad.jsonl").write_text("{}\n")
    options = {"--from": "base.radie", "--train": "train.jsonl", "--output": "x.radie"}
    options |= dict(zip(arguments[::2], arguments[1::2], strict=True))
    given = [word for option in options.items() for word in option]
    assert main(["pipeline", *given, *FEW]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("radie-train: ")
    assert message in error
    assert not (place / "x.radie").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_is_asked_for_in_vain(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _train(place, "x.radie", "--device", "cuda") == 1
    assert "PyTorch finds no CUDA device" in capsys.readouterr().err


def test_bfloat16_trains(place: Path) -> None:
    assert _train(place, "x.radie", "--precision", "bf16") == 0
    assert "bf16" in (place / "x.md").read_text(encoding="utf-8")


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PACKAGE), "PYTHONDONTWRITEBYTECODE": "1"}


def test_an_interrupted_command_goes_on(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Two folders: one name in both, so that the files can be equal.
    for folder in ("whole", "parts"):
        (place / folder).mkdir()
    command = ["tagger", "--threads", "1", "--batch", "4", "--steps", "150"]
    command += ["--from", "../base.radie", "--train", "../train.jsonl", "--output", "x.radie"]
    command += ["--dev-share", "0.1", "--measure-every", "10", "--patience", "99"]
    for number, step in ((signal.SIGINT, 20), (signal.SIGTERM, 50)):
        told = _signalled(command, place / "parts", number, step)
        assert told.endswith("radie-train: interrupted; the same command goes on from here\n")
        assert not (place / "parts" / "x.radie").exists()
    assert "tagger: goes on at step 2" in told
    for folder in ("parts", "whole"):
        monkeypatch.chdir(place / folder)
        assert main(command) == 0
    for name in ("x.radie", "x.md"):
        expected = (place / "whole" / name).read_bytes()
        assert (place / "parts" / name).read_bytes() == expected
    assert not (place / "parts" / "x.radie.work").exists()


def _signalled(command: list[str], folder: Path, number: signal.Signals, step: int) -> str:
    """What the command, sent a signal when it has measured a step, says."""
    told = ""
    with subprocess.Popen(
        [sys.executable, "-m", "radie_train.cli", *command],
        cwd=folder,
        env=_environment(),
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stderr is not None
        for line in run.stderr:
            told += line
            if line.startswith(f"tagger: step {step} of"):
                run.send_signal(number)
    assert run.returncode == 128 + number, told
    return told


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [io.StringIO(), _Terminal()])
def test_rate_and_time_left_are_for_terminals(stream: io.StringIO) -> None:
    now = 0.0
    progress = Progress(stream, lambda: now)
    progress.begin("tagger", 10, 110)
    for step in range(11, 111):
        now += 0.5
        progress.step(step, 1.5)
    progress.say("done")
    written = stream.getvalue()
    assert written.startswith("tagger: goes on at step 10 of 110\n")
    assert written.endswith("done\n")
    if stream.isatty():
        assert "\rtagger: step 60 of 110, loss 1.500, 2.0 steps/s, 0:25 left at most" in written
        assert written.count("\n") == 2
    else:
        assert written.splitlines()[1:] == ["tagger: step 70 of 110, loss 1.500", "done"]


_SHIM = """#!/bin/sh
case $1 in
  pipeline | cross-validate) set -- "$@" --steps 2 --batch 4 --threads 1 ;;
esac
exec {python} -m radie_train.cli "$@"
"""


def _radie() -> Path | None:
    """The command of a build, when there is one: RADIE_COMMAND, or where tools/test.sh builds."""
    given = os.environ.get("RADIE_COMMAND")
    path = Path(given) if given else PROJECT / "build" / "release" / "bin" / "radie"
    return path if path.is_file() else None


def test_the_documentation_runs(tmp_path: Path) -> None:
    page = (PROJECT / "docs" / "training.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, flags=re.S | re.M)
    lines = [line for block in blocks for line in block.splitlines()]
    assert lines[0].startswith("pip install ")
    lines = lines[1:]
    radie = _radie()
    if radie is None:
        lines = [line for line in lines if not line.startswith("radie ")]
    _project_in_small(tmp_path, radie)
    # The person who annotates: between the export and the import.
    lines.insert(2, "cp annotator/*.ann brat/")
    path = f"{tmp_path / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(lines)],
        cwd=tmp_path,
        env={**_environment(), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    trained = [line.split()[1] for line in lines if line.startswith("radie-train ")]
    once = ["to-brat", "to-jsonl", "cross-validate", "pipeline", "calibrate", "pipeline"]
    assert trained == once
    written = {"annotated.jsonl": 44, "train.jsonl": 40, "test.jsonl": 4}
    if radie is not None:
        written["findings.jsonl"] = 44
        assert (tmp_path / "confidence.svg").read_text(encoding="utf-8").startswith("<svg ")
    for name, count in written.items():
        assert len((tmp_path / name).read_text(encoding="utf-8").splitlines()) == count, name
    assert "pooled" in done.stdout
    card = (tmp_path / "ours.md").read_text(encoding="utf-8")
    assert "None: no report was held back." in card
    assert "from a vocabulary of" in (tmp_path / "wider.md").read_text(encoding="utf-8")


def _project_in_small(folder: Path, radie: Path | None) -> None:
    """What the page takes for granted, with tiny things in it."""
    reports = tiny_reports(44)
    lines = [json.dumps({"id": r.id, "text": r.text}, ensure_ascii=False) for r in reports]
    (folder / "reports.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_brat(folder / "annotator", reports)
    write_reports(folder / "held_back.jsonl", [replace(r, id=f"h{r.id}") for r in reports])
    for name in ("corpus", "demo"):
        (folder / "weights_converter" / name).mkdir(parents=True)
    (folder / "weights_converter/corpus/w.txt").write_text(NOTATION, encoding="utf-8")
    tiny_model(folder / "weights_converter" / "demo" / "demo.radie")
    (folder / "examples").mkdir()
    shutil.copy2(PROJECT / "examples/mentions.tsv", folder / "examples/mentions.tsv")
    programs = folder / "bin"
    programs.mkdir()
    shim = programs / "radie-train"
    shim.write_text(_SHIM.format(python=sys.executable))
    shim.chmod(0o755)
    if radie is not None:
        shutil.copy2(radie, programs / "radie")


def test_a_vocabulary_and_recombined_sentences(place: Path) -> None:
    (place / "words").mkdir()
    rows = "type\tmention\nImaging_observation\t憩室鬱滞\nClinical_finding\t憩室炎\n"
    (place / "words/own.tsv").write_text(rows, encoding="utf-8")
    more = ["--vocabulary", str(place / "words"), "--recombine", "0.5"]
    assert _train(place, "plain.radie") == 0
    assert _train(place, "more.radie", *more) == 0
    assert _train(place, "again.radie", *more, "--name", "more") == 0
    assert (place / "more.radie").read_bytes() == (place / "again.radie").read_bytes()
    tokens = [
        read_model(place / f"{name}.radie")[0]["vocab.entities"] for name in ("plain", "more")
    ]
    assert set(tokens[1]) - set(tokens[0]) == set("憩室鬱滞炎") - set(tokens[0])
    card = (place / "more.md").read_text(encoding="utf-8")
    assert "Note: mentions replaced from a vocabulary of 2 as well." in card
    assert "Note: sentences put together anew in a share of 0.5 of the reports." in card
    assert "憩室" not in card
    (place / "words/own.tsv").write_text("Organ\t肝\n", encoding="utf-8")
    assert _train(place, "bad.radie", *more) == 1
    assert not (place / "bad.radie").exists()
