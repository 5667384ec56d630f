"""Extraction over a Ray Dataset, after ``pip install "radie[ray]"`` (docs/scale.md).

Every actor loads the model once and keeps it for all its batches.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

try:
    import pyarrow as pa

    from radie._process import CACHE_BYTES, extraction, model_of
except ImportError as missing:
    raise ImportError('radie.ray needs ray and pyarrow: pip install "radie[ray]"') from missing

if TYPE_CHECKING:
    from ray.data import Dataset

__all__ = ["Extract", "extract"]


class Extract:
    """An actor for ``dataset.map_batches(Extract, batch_format="pyarrow", …)``.

    Of each row it makes one: id, `keep`, entities, relations, findings, warnings, error, of
    radie.arrow.SCHEMA's types; offsets are code points. A report that cannot be read has null
    results and `error` {code, message, offset}; the others go on.
    """

    def __init__(
        self,
        text_col: str = "text",
        id_col: str = "id",
        model: str | os.PathLike[str] | None = None,
        *,
        keep: Sequence[str] = (),
        threads: int = 1,
        cache_bytes: int = CACHE_BYTES,
        **load_options: Any,
    ) -> None:
        """Loads the model. Raises Error.

        model: a path on every node, or None for the bundled one. threads: as many as the actor's
        num_cpus. cache_bytes and load_options: of radie.load.
        """
        self._work = extraction(
            text_col, id_col, keep, {"cache_bytes": cache_bytes, **load_options}
        )
        self._model = model_of(model, threads, self._work.options)

    def __call__(self, table: pa.Table) -> pa.Table:
        """The results of a batch, in its order."""
        batches = table.combine_chunks().to_batches() or [_no_rows(table.schema)]
        return pa.Table.from_batches(
            [made for batch in batches for made in self._work.batches(batch, self._model)]
        )


def extract(
    dataset: Dataset,
    text_col: str = "text",
    id_col: str = "id",
    model: str | os.PathLike[str] | None = None,
    *,
    workers: int,
    threads: int = 1,
    batch_size: int = 256,
    **options: Any,
) -> Dataset:
    """dataset.map_batches of Extract on `workers` actors of `threads` cores each. Lazy.

    workers: leave at least one core of the cluster to the tasks that read and write. An actor gets
    whole blocks, and Ray reads small files into one: dataset.repartition(n) before this gives all
    actors work. options: Extract's. Raises Error and TypeError for arguments that no actor would
    take.
    """
    try:
        from ray.data import ActorPoolStrategy
    except ImportError as missing:
        raise ImportError('radie.ray needs ray: pip install "radie[ray]"') from missing
    keep = options.get("keep", ())
    extraction(text_col, id_col, keep, {k: v for k, v in options.items() if k != "keep"})
    arguments = {"text_col": text_col, "id_col": id_col, "model": model, "threads": threads}
    mapped: Dataset = dataset.map_batches(
        Extract,
        batch_format="pyarrow",
        batch_size=batch_size,
        fn_constructor_kwargs={**arguments, **options},
        compute=ActorPoolStrategy(size=workers),
        num_cpus=threads,
    )
    return mapped


def _no_rows(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)
