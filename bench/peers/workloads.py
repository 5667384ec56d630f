"""What every engine is given to do: calls of sequences of token ids, in files for all workers."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

VOCABULARY = 1000
FIRST_WORD = 5  # ids below are special tokens

Call = list[list[int]]  # sequences that go into one call


@dataclass(frozen=True)
class Workload:
    """A column of the table: calls one after the other, timed as a whole."""

    name: str
    calls: list[Call]


def random_numbers(seed: int) -> Iterator[int]:
    """SplitMix64, the generator of tools/random_numbers.h."""
    mask = (1 << 64) - 1
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & mask
        x = ((state ^ state >> 30) * 0xBF58476D1CE4E5B9) & mask
        x = ((x ^ x >> 27) * 0x94D049BB133111EB) & mask
        yield x ^ x >> 31


def mixed_lengths(count: int) -> list[int]:
    """The lengths of `radie bench --ragged COUNT`."""
    numbers = random_numbers(11)
    fractions = ((next(numbers) >> 11) * 2.0**-53 for _ in range(count))
    return [5 + int(115.0 * u * u) for u in fractions]


def sequences(lengths: list[int], seed: int = 7) -> list[list[int]]:
    numbers = random_numbers(seed)
    span = VOCABULARY - FIRST_WORD
    return [[FIRST_WORD + next(numbers) % span for _ in range(length)] for length in lengths]


def all_workloads() -> list[Workload]:
    """In the order of the table's columns."""
    single = [Workload(f"b1-s{n}", [sequences([n])]) for n in (16, 32, 64, 128, 256, 512)]
    corpus = sequences(mixed_lengths(64))
    by_length = sorted(corpus, key=len)
    return [
        *single,
        Workload("b16-s128", [sequences([128] * 16)]),
        Workload("ragged-bs16", in_batches(corpus, 16)),
        Workload("ragged-sorted", in_batches(by_length, 16)),
        Workload("ragged-b1", in_batches(corpus, 1)),
    ]


def check_workload() -> Workload:
    """For comparing hidden states: one sequence alone, then batches that engines have to pad."""
    return Workload("check", [sequences([33]), sequences([16, 128, 7], 8), sequences([64, 65], 9)])


def in_batches(items: list[list[int]], size: int) -> list[Call]:
    return [items[i : i + size] for i in range(0, len(items), size)]


def write_workload(workload: Workload, folder: Path) -> Path:
    """A call a line: ids separated by spaces, sequences by semicolons."""
    path = folder / f"{workload.name}.txt"
    lines = (";".join(" ".join(map(str, ids)) for ids in call) for call in workload.calls)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
    return path


def read_workload(path: Path) -> list[Call]:
    lines = path.read_text(encoding="ascii").splitlines()
    return [[[int(x) for x in ids.split()] for ids in line.split(";")] for line in lines]
