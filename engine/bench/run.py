"""The benchmark's run: contenders in alternating turns, each in its own process, compared by medians."""

import contextlib
import itertools
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Sequence

import msgspec

from engine.bench.cases import CASES
from engine.errors import NntermError, did_you_mean

RIVALS = ("naive", "sklearn", "torch", "jax", "limit")
_PROCESSES = {"torch": ("torch", "torch-fused")}
"""Rivals that stand for the fastest of several contenders."""

STARTS, ROUNDS = 2, 4
"""Processes started for each contender, since the placement of its arrays in memory changes the speed by up to 4 %, and
turns in each process."""
ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
) | {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"}


Watch = Callable[[str, str, int, int], None]
"""Takes the case, the contender, and the number of turns done, of how many in the case."""


class BenchRow(msgspec.Struct, frozen=True, tag_field="type", tag="bench"):
    """The engine against one rival in one case."""

    case: str
    against: str
    ratio: float
    """The rival's time per step over ours; for `limit` the share of it that we reach. Median over the rounds."""
    steps_per_s: float
    """Ours, median."""
    rival_steps_per_s: float
    spread: tuple[float, float]
    """Smallest and largest ratio over the rounds."""
    threads: int = 1
    """Ours."""
    rival_threads: int = 1


class SkippedRow(msgspec.Struct, frozen=True, tag_field="type", tag="skipped"):
    """A rival that was not measured, with the reason."""

    case: str
    against: str
    reason: str


def run_bench(
    cases: Sequence[str] = (),
    against: Sequence[str] = (),
    seconds: float = 0.4,
    starts: int = STARTS,
    watch: Watch = lambda case, name, done, total: None,
) -> Iterator[BenchRow | SkippedRow]:
    """Measure the chosen cases (none: all) against the chosen rivals (none: all), one row per pair.

    Args:
        cases: names in CASES.
        against: names in RIVALS.
        seconds: training time of a turn.
        starts: processes started for each contender, in succession, with `ROUNDS` turns each.
        watch: called before each turn, and before each start of a process.

    Raises:
        NntermError: a case or rival is unknown.
    """
    _check_names(cases, CASES, "case")
    _check_names(against, RIVALS, "rival")
    for case in cases or tuple(CASES):
        yield from _run_case(case, against or RIVALS, seconds, starts, watch)


def _check_names(names: Sequence[str], known: Collection[str], what: str) -> None:
    for name in names:
        if name not in known:
            raise NntermError(f'"{name}" is not a {what} of the benchmark', did_you_mean(name, known))


def _run_case(
    case: str, against: Sequence[str], seconds: float, starts: int, watch: Watch
) -> Iterator[BenchRow | SkippedRow]:
    wanted = ["engine", *(name for rival in against for name in _PROCESSES.get(rival, (rival,)))]
    speeds: dict[str, list[float]] = {name: [] for name in wanted}
    threads: dict[str, int] = {}
    turns, total = itertools.count(), starts * (1 + ROUNDS) * len(wanted)
    for _ in range(starts):
        with contextlib.ExitStack() as stack:
            children = []
            for name in speeds:
                watch(case, name, next(turns), total)
                children.append(stack.enter_context(_Child(name, case)))
            missing = {_rival_of(child.name): child.missing for child in children if child.missing}
            yield from (
                SkippedRow(case, rival, f"{library} is not installed") for rival, library in missing.items()
            )
            for child in children:
                threads[child.name] = child.threads
                if child.missing:
                    del speeds[child.name]
                    total -= starts * (1 + ROUNDS) - 1
            for child in [child for _ in range(ROUNDS) for child in children if not child.missing]:
                watch(case, child.name, next(turns), total)
                speeds[child.name].append(child.measure(seconds))
    for rival in against:
        names = [name for name in _PROCESSES.get(rival, (rival,)) if name in speeds]
        if names:
            fastest = max(names, key=lambda name: statistics.median(speeds[name]))
            row = _compare(case, rival, speeds["engine"], speeds[fastest])
            yield msgspec.structs.replace(row, threads=threads["engine"], rival_threads=threads[fastest])


def _rival_of(contender: str) -> str:
    """Return the rival that a contender stands for."""
    return next((rival for rival, contenders in _PROCESSES.items() if contender in contenders), contender)


def _compare(case: str, rival: str, ours: list[float], theirs: list[float]) -> BenchRow:
    ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
    return BenchRow(
        case=case,
        against=rival,
        ratio=round(statistics.median(ratios), 3),
        steps_per_s=round(statistics.median(ours), 3),
        rival_steps_per_s=round(statistics.median(theirs), 3),
        spread=(round(min(ratios), 3), round(max(ratios), 3)),
    )


class _Child:
    """A contender's process; a context manager that ends it."""

    def __init__(self, name: str, case: str) -> None:
        self.name = name
        command = [sys.executable, "-P", "-m", "engine.bench.child", name, case]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ if CASES[case].all_cores else os.environ | ONE_THREAD,
        )
        first = self._read()
        state, _, rest = first.partition(" ")
        self.missing, self.threads = (rest, 0) if state == "missing" else ("", int(rest))

    def __enter__(self) -> "_Child":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def measure(self, seconds: float) -> float:
        """Return steps per second over about `seconds`."""
        stdin = self._process.stdin
        if stdin is None:
            raise RuntimeError("the process has no standard input")
        stdin.write(f"{seconds}\n")
        stdin.flush()
        return float(self._read())

    def _read(self) -> str:
        stdout, stderr = self._process.stdout, self._process.stderr
        line = stdout.readline().strip() if stdout else ""
        if not line:
            reason = stderr.read().strip().splitlines()[-1:] if stderr else []
            raise NntermError(f"the benchmark of {self.name} failed: {' '.join(reason)}", "")
        return line
