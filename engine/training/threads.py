"""The number of threads of a training: the experiment's or, if that is "auto", the one that a short trial chooses.

The trial times updates of a copy of the network, so that it changes nothing of the training: the bits of a training
depend on the number of threads alone.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

from engine.cores import usable_cores
from engine.nn.network import Network

LARGE_FLOPS = 200_000_000
"""Operations of an update below which one thread is used without a trial."""
GAIN = 1.15
"""Least speed-up for which twice as many threads are used: a smaller one may be chance, and other programs run too."""
FEW_ROUNDS, MANY_ROUNDS = 3, 9
"""Comparisons of two numbers of threads, for long and for short updates, until most of them agree."""
LONG_S = 0.02
"""Duration of an update from which it is a long one, seconds."""
LONGEST_S = 3.0
"""Duration after which no further comparison is made, seconds."""
TRIAL_SHARE = 0.1
"""Largest share of the training's updates that the trial may take."""

SecondsWith = Callable[[int], float]
"""Makes one update of a copy with a number of threads, and returns its duration in seconds."""


def is_large(network: Network, batch_size: int) -> bool:
    """Return True if several threads may be faster: two operations each for output and both gradients, per weight."""
    return 6 * network.n_parameters * batch_size >= LARGE_FLOPS


class HasThreads(Protocol):
    """The methods of a back end that concern threads; see `engine.training.backends.Backend`."""

    def use_threads(self, threads: int) -> None: ...

    def thread_trial(self) -> SecondsWith | None: ...


def settle_threads(backend: HasThreads, wanted: int, steps: int) -> None:
    """Set the number of threads of a back end: `wanted` or, if that is 0, what a trial chooses for `steps` updates."""
    backend.use_threads(wanted or choose_threads(backend.thread_trial, usable_cores(), steps))


def choose_threads(make_trial: Callable[[], SecondsWith | None], cores: int, steps: int) -> int:
    """Return the number of threads with which updates are fastest: one, or more where they win clearly.

    Twice as many threads are compared in turn with the fewer, each pair by its ratio, as long as they win.

    Args:
        make_trial: returns what makes the updates; None: one thread is fastest.
        cores: threads at most.
        steps: updates of the training: few of them are not worth a trial.
    """
    spare = int(steps * TRIAL_SHARE)
    if cores == 1 or spare < _updates(FEW_ROUNDS):
        return 1
    seconds_with = make_trial()
    if seconds_with is None:
        return 1
    threads = 1
    for more in _numbers(cores):
        if spare < _updates(FEW_ROUNDS):
            break
        rounds = MANY_ROUNDS if spare >= _updates(MANY_ROUNDS) else FEW_ROUNDS
        spare -= _updates(rounds)
        if not _wins(seconds_with, more, threads, rounds):
            break
        threads = more
    return threads


def _updates(rounds: int) -> int:
    """Return the number of updates that a comparison takes at most: two warm up."""
    return 2 + 2 * rounds


def _numbers(cores: int) -> Iterator[int]:
    """Yield 2, 4, 8, ... and at last the number of cores."""
    number = 2
    while number < cores:
        yield number
        number *= 2
    if cores > 1:
        yield cores


def _wins(seconds_with: SecondsWith, more: int, fewer: int, rounds: int) -> bool:
    """Return whether updates are clearly faster with more threads in most of several comparisons."""
    first = seconds_with(more), seconds_with(fewer)  # allocate and warm up
    rounds = rounds if first[1] < LONG_S else FEW_ROUNDS
    wins = losses = 0
    spent = sum(first)
    while 2 * max(wins, losses) < rounds:  # until most of them agree; the number of rounds is odd
        before, after = seconds_with(fewer), seconds_with(more)
        wins, losses = (wins + 1, losses) if before >= GAIN * after else (wins, losses + 1)
        spent += before + after
        if spent > LONGEST_S:
            break
    return wins > losses
