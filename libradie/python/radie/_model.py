"""A loaded model and what it does."""

from __future__ import annotations

import importlib.resources
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radie._errors import Error
from radie._progress import ProgressFunction, reporter
from radie._radie import ModelHandle
from radie._report import Raw, Report, from_raw

MAX_REPORT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class StageInfo:
    """One encoder of a model: "entities", "relations", or "encoder" of an encoder-only file."""

    name: str
    layers: int
    hidden_size: int
    max_positions: int
    vocabulary_size: int
    token_types: int
    precision: str


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What the model file says of itself, and the kernel set in use."""

    name: str
    version: str
    license: str
    description: str
    isa: str
    parameters: int
    stages: tuple[StageInfo, ...]


@dataclass(frozen=True, slots=True)
class _Settings:
    """All that load() was given; enough to load once more in another process."""

    path: bytes
    precision: str | None
    isa: str | None
    verify_tensors: bool
    mecab_dictionary: bytes
    mecab_user_dictionary: bytes
    threads: int
    min_confidence: float
    max_report_bytes: int
    cache_bytes: int

    def open(self) -> ModelHandle:
        return ModelHandle(
            self.path,
            self.precision,
            self.isa,
            self.verify_tensors,
            self.mecab_dictionary,
            self.mecab_user_dictionary,
            self.threads,
            self.min_confidence,
            self.max_report_bytes,
            self.cache_bytes,
        )


class Model:
    """A model, made by load(). Many threads may use one; the GIL is free while it computes.

    The same report gives the same result to the last bit, whatever else is in the batch and on
    however many threads. A copy by pickle, and the first use in a forked process, load the file
    again.
    """

    def __init__(self, settings: _Settings) -> None:
        self._settings = settings
        self._handle = settings.open()
        name, version, license_, description, isa, parameters, stages = self._handle.info()
        self.info = ModelInfo(
            name,
            version,
            license_,
            description,
            isa,
            parameters,
            tuple(StageInfo(*stage) for stage in stages),
        )

    def __reduce__(self) -> tuple[Callable[[_Settings], Model], tuple[_Settings]]:
        return Model, (self._settings,)

    def __repr__(self) -> str:
        return f"<radie.Model {self.info.name!r}, isa {self.info.isa}, {self.threads} threads>"

    @property
    def threads(self) -> int:
        """Threads that compute together, the calling one included."""
        return self._alive().threads

    def extract(self, text: str) -> Report:
        """What is found in one report. Raises Error."""
        (outcome,) = self._outcomes([text], None)
        if isinstance(outcome, Error):
            raise outcome
        return outcome

    @overload
    def extract_batch(
        self,
        texts: Iterable[str],
        errors: Literal["raise"] = "raise",
        progress: bool | ProgressFunction | None = None,
    ) -> list[Report]: ...

    @overload
    def extract_batch(
        self,
        texts: Iterable[str],
        errors: Literal["return"],
        progress: bool | ProgressFunction | None = None,
    ) -> list[Report | Error]: ...

    def extract_batch(
        self,
        texts: Iterable[str],
        errors: Literal["raise", "return"] = "raise",
        progress: bool | ProgressFunction | None = None,
    ) -> list[Report] | list[Report | Error]:
        """The reports' results in their order, much faster than one at a time.

        errors: "raise" raises the first Error; "return" puts each Error in its report's place.
        progress: True shows a bar (needs tqdm); a function is called with (done, total) after each
        group of reports; what it raises ends the call.
        """
        if errors not in ("raise", "return"):
            raise Error("invalid_argument", 'errors: neither "raise" nor "return"')
        if isinstance(texts, str):
            raise TypeError("texts must be several str, not one")
        outcomes = self._outcomes(list(texts), progress)
        if errors == "return":
            return outcomes
        reports: list[Report] = []
        for outcome in outcomes:
            if isinstance(outcome, Error):
                raise outcome
            reports.append(outcome)
        return reports

    def encode(
        self, ids: ArrayLike, stage: str | None = None, token_types: ArrayLike | None = None
    ) -> NDArray[np.float32]:
        """The encoder's last hidden states of one sequence, [tokens, hidden size]. Raises Error.

        ids: token ids, special tokens included. stage: a name of info.stages; it may be left out
        where there is only one, else it is "entities". token_types: as many as ids; None: all 0.
        """
        types = None if token_types is None else [token_types]
        return self.encode_batch([ids], stage, types)[0]

    def encode_batch(
        self,
        sequences: Sequence[ArrayLike],
        stage: str | None = None,
        token_types: Sequence[ArrayLike] | None = None,
    ) -> list[NDArray[np.float32]]:
        """encode() of many sequences at once; the arrays are views of one block of memory."""
        ids = [_integers("ids", sequence) for sequence in sequences]
        types = (
            [] if token_types is None else [_integers("token_types", row) for row in token_types]
        )
        if token_types is not None and [len(row) for row in types] != [len(row) for row in ids]:
            raise Error("invalid_argument", "token_types: not of the lengths of ids")
        if not ids:
            return []
        lengths = [len(row) for row in ids]
        states = self._alive().encode(
            self._stage(stage),
            np.concatenate(ids),
            lengths,
            np.concatenate(types) if types else np.empty(0, np.int32),
        )
        return np.split(states, np.cumsum(lengths)[:-1])

    def _stage(self, stage: str | None) -> str:
        if stage is not None:
            return stage
        return self.info.stages[0].name if len(self.info.stages) == 1 else "entities"

    def _outcomes(
        self, texts: list[str], progress: bool | ProgressFunction | None
    ) -> list[Report | Error]:
        raws = self._raws(texts, progress)
        return [_outcome(text, raw) for text, raw in zip(texts, raws, strict=True)]

    def _raws(
        self, texts: list[str], progress: bool | ProgressFunction | None
    ) -> list[Raw | Error]:
        for text in texts:
            if not isinstance(text, str):
                raise TypeError(f"a text must be str, not {type(text).__name__}")
        with reporter(progress, len(texts)) as show:
            return self._alive().extract(texts, show)

    def _alive(self) -> ModelHandle:
        """The handle of this process: a forked child has none of its parent's threads."""
        if not self._handle.alive:
            with _reload:
                if not self._handle.alive:
                    self._handle = self._settings.open()
        return self._handle


_reload = threading.Lock()


def _new_lock() -> None:
    """Another thread of the parent may have held the lock as it forked."""
    global _reload
    _reload = threading.Lock()


os.register_at_fork(after_in_child=_new_lock)


def _outcome(text: str, raw: Raw | Error) -> Report | Error:
    return raw if isinstance(raw, Error) else from_raw(text, raw)


def _integers(name: str, values: ArrayLike) -> NDArray[np.int32]:
    array: NDArray[Any] = np.asarray(values)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise Error("invalid_argument", f"{name}: not a sequence of integers")
    limits = np.iinfo(np.int32)
    if array.size and (array.min() < limits.min or array.max() > limits.max):
        raise Error("invalid_argument", f"{name}: does not fit into 32 bits")
    return np.ascontiguousarray(array, np.int32)


def load(
    path: str | os.PathLike[str] | None = None,
    precision: str | None = None,
    isa: str | None = None,
    *,
    threads: int = 0,
    min_confidence: float = 0.0,
    max_report_bytes: int = MAX_REPORT_BYTES,
    cache_bytes: int = 0,
    verify_tensors: bool = False,
    mecab_dictionary: str | os.PathLike[str] | None = None,
    mecab_user_dictionary: str | os.PathLike[str] | None = None,
) -> Model:
    """Loads a model file. Raises Error.

    path: None for the bundled model. precision: "fp32", "fp16", "bf16" or "int8"; None as the file
    has it. isa: a name of available_isas(); None for the fastest. threads: 0 for as many as the
    process may use. min_confidence: entities and relations below it are left out. A report of more
    than max_report_bytes bytes of UTF-8 is refused. cache_bytes: room for results of sentences and
    pairs, which are not computed again when they come again. verify_tensors: compare the weights
    with the SHA-256 that the file stores. mecab_dictionary: folder of the MeCab
    dictionary, for models that use one; None for that of the model's name where packages put it.
    mecab_user_dictionary: a compiled user dictionary beside it.
    """
    counts = {"threads": threads, "max_report_bytes": max_report_bytes, "cache_bytes": cache_bytes}
    for name, count in counts.items():
        if not 0 <= count < 1 << 63:
            raise Error("invalid_argument", f"{name}: out of range")
    settings = _Settings(
        path=_encoded("path", _bundled_model() if path is None else path),
        precision=precision,
        isa=isa,
        verify_tensors=verify_tensors,
        mecab_dictionary=_encoded("mecab_dictionary", mecab_dictionary or ""),
        mecab_user_dictionary=_encoded("mecab_user_dictionary", mecab_user_dictionary or ""),
        threads=threads,
        min_confidence=min_confidence,
        max_report_bytes=max_report_bytes,
        cache_bytes=cache_bytes,
    )
    return Model(settings)


def _encoded(name: str, path: str | os.PathLike[str]) -> bytes:
    encoded = os.fsencode(path)
    if b"\0" in encoded:
        raise Error("invalid_argument", f"{name}: has a NUL")
    return encoded


def _bundled_model() -> os.PathLike[str]:
    file = importlib.resources.files("radie").joinpath("demo.radie")
    if not isinstance(file, os.PathLike):
        raise Error("io", "the bundled model is not a file: unpack the package, or give a path")
    return file
