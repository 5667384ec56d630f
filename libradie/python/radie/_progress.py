"""Progress of a batch: a bar of tqdm's, or the caller's own function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

ProgressFunction = Callable[[int, int], object]


@contextmanager
def reporter(
    progress: bool | ProgressFunction | None, total: int
) -> Iterator[ProgressFunction | None]:
    """What the extension module calls with (done, total): nothing, a bar, or `progress` itself."""
    if progress is None or progress is False:
        yield None
    elif progress is not True:
        yield progress
    else:
        try:
            from tqdm.auto import tqdm
        except ImportError as missing:
            raise ImportError(
                'progress=True needs tqdm: pip install "radie[progress]"'
            ) from missing
        with tqdm(total=total, unit="report") as bar:

            def show(done: int, _: int) -> None:
                bar.update(done - bar.n)

            yield show
