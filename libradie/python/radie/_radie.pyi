"""Types of the extension module. Private: radie's Python modules are its only users."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from radie._errors import Error
from radie._report import Raw

_Stage = tuple[str, int, int, int, int, int, str]

class ModelHandle:
    def __init__(
        self,
        path: bytes,
        precision: str | None,
        isa: str | None,
        verify_tensors: bool,
        mecab_dictionary: bytes,
        mecab_user_dictionary: bytes,
        threads: int,
        min_confidence: float,
        max_report_bytes: int,
        cache_bytes: int,
    ) -> None: ...
    @property
    def alive(self) -> bool: ...
    @property
    def threads(self) -> int: ...
    def info(self) -> tuple[str, str, str, str, str, int, list[_Stage]]: ...
    def extract(
        self, texts: list[str], progress: Callable[[int, int], object] | None
    ) -> list[Raw | Error]: ...
    def encode(
        self,
        stage: str,
        ids: NDArray[np.int32],
        lengths: list[int],
        token_types: NDArray[np.int32],
    ) -> NDArray[np.float32]: ...

def version() -> str: ...
def build_info() -> str: ...
def available_isas() -> list[str]: ...
