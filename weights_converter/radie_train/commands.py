"""What the subcommands of `radie-train` do."""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from radie_convert.build import BuildOptions
from radie_train.brat import write_brat
from radie_train.calibration import fit_temperatures, write_calibrated
from radie_train.cross_validation import (
    cross_validate,
    figures_of,
    fold_folder,
    folds_of,
    line,
    run_fold,
    write_findings,
)
from radie_train.demo import encoder_config
from radie_train.encoder import EncoderConfig
from radie_train.errors import TrainError
from radie_train.fine_tuning import FineTuning
from radie_train.infer import load_pipeline
from radie_train.interrupt import Stop
from radie_train.jsonl_reader import read_texts_jsonl
from radie_train.measure import Figures, Findings, Measurer, pipeline_of
from radie_train.mention_words import read_mention_words
from radie_train.model_card import Card
from radie_train.plan import plan_of, set_threads
from radie_train.progress import Progress
from radie_train.recipe import (
    Data,
    Surroundings,
    check_data,
    claim_work,
    identity_of,
    prepared,
    share_to_hold_back,
    split_share,
    train_stages,
    without_overlap,
    words_as_reports,
    write_model_file,
)
from radie_train.report import Report, write_jsonl
from radie_train.sources import Source, digest, read_sources, reports_of
from radie_train.start import STAGES, Start, from_checkpoint, from_model_file, from_scratch
from radie_train.vocabulary import Vocabulary, build_vocabulary


def train(arguments: argparse.Namespace, stages: Sequence[str], stop: Stop) -> None:
    """Trains stages and writes the model file and its card."""
    progress = Progress()
    output: Path = arguments.output
    _check_output(output, arguments.base)
    set_threads(arguments.threads)
    trained_on = read_sources(arguments.train, progress.say)
    dev_sources = read_sources(arguments.dev or [], progress.say)
    data = _data(arguments, trained_on, dev_sources)
    start, kind = _start(arguments, stages, data)
    notes = [*check_data(data, stages, start.context), *_augmentation_notes(data)]
    settings = plan_of(arguments, kind, start, stages)
    for note in [*notes, *start.notes]:
        progress.say(f"note: {note}")
    if not data.dev:
        progress.say("note: no report is held back: no early stop, no figures")
    work = arguments.work or output.with_name(output.name + ".work")
    claim_work(work, {**identity_of(settings), **_data_identity(data), "base": start.sha256})
    around = Surroundings(work, progress, stop)
    before = None
    if kind == "model" and data.dev:
        before = figures_of(start, data.dev, next(iter(settings.values())).device, around)
    states = train_stages(start, data, settings, around)

    write_model_file(start, output, work, _build_options(arguments, start))
    after = _measured(output, data, next(iter(settings.values())), stop)
    card = Card(
        name=arguments.name or output.stem,
        sha256=_sha256(output),
        license=_license(arguments, start),
        base=f"{start.name} ({arguments.base.name})" if arguments.base else "random weights",
        base_sha256=start.sha256,
        start=start,
        train=trained_on,
        dev=dev_sources,
        dev_is_share=not dev_sources,
        counts={"train": len(data.train), "dev": len(data.dev), "mix": len(data.mix)},
        mix_weight=data.mix_weight,
        settings=settings,
        states=states,
        before=before,
        after=after,
        notes=[*notes, *start.notes],
        torch_version=str(torch.__version__),
    )
    output.with_suffix(".md").write_text(card.text(), encoding="utf-8")
    if arguments.work is None:
        shutil.rmtree(work)
    for stage, state in states.items():
        if state.measured > 0 and state.best_step == 0:
            progress.say(f"note: {stage}: no better on dev than before training, and so unchanged")
    for title, score in after.scores.items():
        old = f", {before.scores[title].f1():.4f} before" if before else ""
        progress.say(f"dev: {title}: F1 {score.f1():.4f}{old}")
    progress.say(f"written: {output}, {output.with_suffix('.md')}")


def validate(arguments: argparse.Namespace, stop: Stop) -> None:
    """Cross-validation of the pipeline's fine-tuning."""
    progress = Progress()
    set_threads(arguments.threads)
    sources = read_sources(arguments.train, progress.say)
    reports = reports_of(sources)
    if not 2 <= arguments.folds <= len(reports):
        raise TrainError(
            f"--folds {arguments.folds}: from 2 to the number of reports, {len(reports)}"
        )
    own, lost = prepared(reports)
    everything = _with_more(arguments, Data(own, [], lost=lost))
    start, kind = _start(arguments, STAGES, everything)
    unseen = check_data(everything, STAGES, start.context)
    for note in [*unseen, *_augmentation_notes(everything)]:
        progress.say(f"note: {note}")
    settings = plan_of(arguments, kind, start, STAGES)
    for note in start.notes:
        progress.say(f"note: {note}")
    if arguments.findings is not None:
        arguments.findings.mkdir(parents=True, exist_ok=True)  # fails now, not after training
    with tempfile.TemporaryDirectory() as temporary:
        work = arguments.work or Path(temporary) / "work"
        identity = {**identity_of(settings), **_data_identity(everything), "base": start.sha256}
        share = share_to_hold_back(arguments.dev_share, len(reports))
        identity |= {"folds": arguments.folds, "dev share": share}
        claim_work(work, identity)

        def fold(number: int, train: list[Report], test: Sequence[Report]) -> Findings:
            progress.say(f"fold {number + 1} of {arguments.folds}")
            around = Surroundings(fold_folder(work, number), progress, stop)
            fresh, _ = _start(arguments, STAGES, replace(everything, train=prepared(train)[0]))
            return run_fold(fresh, train, test, everything, share, settings, around)

        around = Surroundings(work, progress, stop)
        before = None
        if kind == "model":
            before = figures_of(start, reports, settings["tagger"].device, around)
        folds = folds_of(reports, arguments.folds, arguments.seed)
        found = cross_validate(folds, fold, _out)
        if before is not None:
            _out(line("untrained", len(reports), before))
        if arguments.findings is not None:
            write_findings(arguments.findings, found)
            progress.say(f"written: {arguments.findings}")


def calibrate(arguments: argparse.Namespace) -> None:
    """Temperatures of a model file's stages, from reports that took no part in its training."""
    progress = Progress()
    output: Path = arguments.output
    _check_output(output, arguments.model, "--model")
    set_threads(arguments.threads)
    reports = reports_of(read_sources(arguments.reports, progress.say))
    start = from_model_file(arguments.model)
    pipeline = pipeline_of(start)
    there = {"entities": start.tagger, "relations": start.relation}
    fits = fit_temperatures(pipeline, reports, [name for name, stage in there.items() if stage])
    for stage, fit in fits.items():
        progress.say(fit.line(stage))
    write_calibrated(
        arguments.model, output, {stage: fit.temperature for stage, fit in fits.items()}
    )
    progress.say(f"written: {output}")


def to_brat(arguments: argparse.Namespace) -> None:
    """Reports of JSON Lines as a folder for brat, with a model's annotations to correct."""
    say = Progress().say
    reports = [r for path in arguments.reports for r in read_texts_jsonl(path)]
    if arguments.base is not None:
        annotated = sum(bool(r.entities or r.brat_lines) for r in reports)
        if annotated:
            say(f"annotations that the model's take the place of: those of {annotated} reports")
        set_threads(None)
        pipeline = load_pipeline(arguments.base)
        reports = [without_overlap(pipeline.extract(report.id, report.text)) for report in reports]
    renamed = write_brat(arguments.output, reports)
    if renamed:
        say(f"reports whose id is no plain file name, called report-00001 and so on: {renamed}")


def to_jsonl(arguments: argparse.Namespace) -> None:
    """Annotated reports of any of the formats as JSON Lines."""
    sources = read_sources(arguments.reports, Progress().say)
    write_jsonl(arguments.output, reports_of(sources))


def _out(text: str) -> None:
    print(text, file=sys.stdout, flush=True)


def _data(
    arguments: argparse.Namespace, trained_on: Sequence[Source], dev_sources: Sequence[Source]
) -> Data:
    own, dev = reports_of(trained_on), reports_of(dev_sources)
    if not dev_sources:
        share = share_to_hold_back(arguments.dev_share, len(own))
        own, dev = split_share(own, share, arguments.seed)
    reports, lost = prepared(own)
    return _with_more(arguments, Data(reports, dev, lost=lost))


def _with_more(arguments: argparse.Namespace, data: Data) -> Data:
    """The data with what is mixed in, the words and the share that is recombined."""
    data = replace(data, recombined=arguments.recombine)
    if arguments.vocabulary is not None:
        data = replace(data, words=read_mention_words(arguments.vocabulary))
    if arguments.mix is not None:
        reports = reports_of(read_sources([arguments.mix], Progress().say))
        data = replace(data, mix=prepared(reports)[0], mix_weight=arguments.mix_weight)
    return data


def _augmentation_notes(data: Data) -> list[str]:
    notes = []
    if data.words is not None:
        notes.append(f"mentions replaced from a vocabulary of {len(data.words)} as well")
    if data.recombined:
        notes.append(
            f"sentences put together anew in a share of {data.recombined:g} of the reports"
        )
    return notes


def _data_identity(data: Data) -> dict[str, str | float]:
    more: dict[str, str | float] = {}
    if data.words is not None:
        more["vocabulary"] = data.words.digest()
    if data.recombined:
        more["recombined share"] = data.recombined
    return more | {
        "training reports": digest(data.train),
        "dev reports": digest(data.dev),
        "mixed-in reports": digest(data.mix),
        "mix weight": data.mix_weight,
    }


def _start(arguments: argparse.Namespace, stages: Sequence[str], data: Data) -> tuple[Start, str]:
    """What training starts from, and of which kind it is."""
    torch.manual_seed(arguments.seed)
    if arguments.scratch:
        words = words_as_reports(data)
        tokens = build_vocabulary(report.text for report in [*data.train, *data.mix, *words])
        configs = {stage: _scratch_config(arguments, stage, tokens) for stage in stages}
        return from_scratch(configs, tokens), "scratch"
    base: Path = arguments.base
    if base.is_dir():
        return from_checkpoint(base, stages), "checkpoint"
    if not base.is_file():
        raise TrainError(f"--from {base}: there is no such file or folder")
    return from_model_file(base), "model"


def _scratch_config(arguments: argparse.Namespace, stage: str, tokens: list[str]) -> EncoderConfig:
    shape = encoder_config(stage, Vocabulary(tokens)).to_json()
    if arguments.layers is not None:
        shape["num_hidden_layers"] = arguments.layers
    if arguments.hidden is not None:
        pairs = 2 * shape["num_attention_heads"]  # rotary positions turn elements of a head by twos
        if arguments.hidden % pairs:
            raise TrainError(f"--hidden {arguments.hidden}: is no multiple of {pairs}")
        shape |= {"hidden_size": arguments.hidden, "intermediate_size": 4 * arguments.hidden}
    return EncoderConfig(**shape)


def _check_output(output: Path, base: Path | None, option: str = "--from") -> None:
    if output.suffix != ".radie":
        raise TrainError(f"--output {output}: its name must end with .radie")
    if output.is_dir():
        raise TrainError(f"--output {output}: is a folder")
    if base is not None and output.resolve() == base.resolve():
        raise TrainError(f"--output {output}: is what {option} names; give another name")
    output.parent.mkdir(parents=True, exist_ok=True)


def _license(arguments: argparse.Namespace, start: Start) -> str:
    return start.license if arguments.license is None else str(arguments.license)


def _build_options(arguments: argparse.Namespace, start: Start) -> BuildOptions:
    origin = f"Trained from {start.name}"
    if start.sha256:
        origin += f" (SHA-256 {start.sha256})"
    return BuildOptions(
        name=arguments.name or arguments.output.stem,
        version="1",
        license=_license(arguments, start),
        description=f"{origin} with radie-train. Not for clinical use before validation.",
        dtype=arguments.dtype or start.dtype,
        relation_settings={"context_tokens": start.context},
    )


def _measured(output: Path, data: Data, settings: FineTuning, stop: Stop) -> Figures:
    """Figures of the file as it was written, rounded weights and all."""
    if not data.dev:
        return Figures()
    start = from_model_file(output)
    measurer = Measurer(start.tokens, start.context, settings.device, stop)
    return measurer.figures(start.tagger, start.relation, data.dev)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
