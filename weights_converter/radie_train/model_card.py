"""The model card beside a trained model: what it was made of, and how well it did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from radie_train.fine_tuning import FineTuning, State
from radie_train.measure import TITLES, Figures
from radie_train.sources import Source
from radie_train.start import Start

_STAGES = {"tagger": "stage 1, entities", "relation": "stage 2, relations"}


@dataclass(frozen=True)
class Card:
    """What a card tells."""

    name: str
    sha256: str
    license: str
    base: str
    base_sha256: str
    start: Start
    train: Sequence[Source]
    dev: Sequence[Source]
    dev_is_share: bool
    counts: Mapping[str, int]
    """Reports that were trained on (`train`), held back (`dev`) and mixed in (`mix`)."""
    mix_weight: float
    settings: Mapping[str, FineTuning]
    states: Mapping[str, State]
    before: Figures | None
    after: Figures
    notes: Sequence[str]
    torch_version: str

    def text(self) -> str:
        """Markdown."""
        parts = [self._head(), self._data(), self._training(), self._figures(), _LIMITS]
        return "\n".join(parts)

    def _head(self) -> str:
        kept = [
            _STAGES[stage]
            for stage, model in (("tagger", self.start.tagger), ("relation", self.start.relation))
            if model is not None and stage not in self.settings
        ]
        lines = [
            f"# {self.name}",
            "",
            "A radie model for Japanese radiology reports, trained with `radie-train`. "
            "**It is no medical device**, and not for clinical use before it is validated for it.",
            "",
            "| | |",
            "|---|---|",
            f"| SHA-256 of the model file | `{self.sha256}` |",
            f"| Started from | {self.base} |",
        ]
        if self.base_sha256:
            lines.append(f"| SHA-256 of what it started from | `{self.base_sha256}` |")
        lines += [
            f"| Licence | {self.license or 'none given'} |",
            f"| Trained | {', '.join(_STAGES[stage] for stage in self.settings)} |",
            f"| Taken over untrained | {', '.join(kept) or 'nothing'} |",
            f"| Vocabulary | {len(self.start.tokens)} tokens |",
            "",
        ]
        return "\n".join(lines)

    def _data(self) -> str:
        lines = ["## Data", "| source | reports | entities | relations |", "|---|---|---|---|"]
        for use, sources in (("--train", self.train), ("--dev", self.dev)):
            lines += [
                f"| `{use} {source.path.name}` | {len(source.reports)} | {source.entities} "
                f"| {source.relations} |"
                for source in sources
            ]
        lines += ["", f"Trained on {_reports(self.counts['train'])}."]
        if self.counts["dev"]:
            origin = "drawn from `--train` by the seed" if self.dev_is_share else "of `--dev`"
            lines.append(f"Measured while training on {_reports(self.counts['dev'])}, {origin}.")
        if self.counts["mix"]:
            lines.append(
                f"A share of {self.mix_weight:g} of the batches came from "
                f"{_reports(self.counts['mix'])} of a mixed-in corpus."
            )
        return "\n".join([*lines, *(f"Note: {note}." for note in self.notes), ""])

    def _training(self) -> str:
        lines = [
            "## Training",
            "| stage | steps | kept step | batch | rate | seed | device | precision |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for stage, s in self.settings.items():
            state = self.states[stage]
            steps = f"{state.step}" if state.step == s.steps else f"{state.step} of {s.steps}"
            kept = state.best_step if state.measured >= 0 else state.step
            precision = "bf16" if s.bfloat16 else "fp32"
            lines.append(
                f"| {_STAGES[stage]} | {steps} | {kept} | {s.batch} | {_rate(s)} | {s.seed} "
                f"| {s.device} | {precision} |"
            )
        return "\n".join([*lines, "", f"PyTorch {self.torch_version}.", ""])

    def _figures(self) -> str:
        lines = ["## Figures"]
        if not self.counts["dev"]:
            return "\n".join([*lines, "None: no report was held back.", ""])
        lines += [
            f"Strict micro F1 on {_reports(self.counts['dev'])} held back, of the model file as "
            "it is. The kept step was chosen by them, so they flatter.",
            "",
            "| | precision | recall | F1 | F1 before training | gold |",
            "|---|---|---|---|---|---|",
        ]
        for title in TITLES:
            score = self.after.scores.get(title)
            if score is None:
                continue
            old = self.before.scores.get(title) if self.before else None
            before = f"{old.f1():.4f}" if old else "–"
            precision, recall, f1 = score.values()
            lines.append(
                f"| {title} | {precision:.4f} | {recall:.4f} | {f1:.4f} | {before} "
                f"| {score.gold.total()} |"
            )
            for name in sorted(score.gold):
                precision, recall, f1 = score.values(name)
                before = f"{old.f1(name):.4f}" if old else "–"
                lines.append(
                    f"| {name} | {precision:.4f} | {recall:.4f} | {f1:.4f} | {before} "
                    f"| {score.gold[name]} |"
                )
        return "\n".join([*lines, ""])


def _reports(count: int) -> str:
    return "1 report" if count == 1 else f"{count} reports"


_LIMITS = """## Limits
Known only for reports like those above. Measure on reports that took no part in training, and let
people who read such reports look at the results, before anything depends on it.
"""


def _rate(settings: FineTuning) -> str:
    head = f", head {settings.head_rate:g}" if settings.head_rate is not None else ""
    return f"{settings.rate:g}{head}"
