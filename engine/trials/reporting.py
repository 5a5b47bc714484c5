"""What all trials share at their end and on the way: the last event, words for figures, when to tell something."""

import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from engine.events import Finding
from engine.trials.events import TrialAnswer, TrialFinished

TELL_S = 0.1
"""Seconds between two looks at what is computed."""
T = TypeVar("T")


def finished(
    trial: str,
    answer: TrialAnswer,
    figures: msgspec.Struct,
    source: str,
    started_s: float,
    *,
    finding: Finding | None = None,
    mark: float | None = None,
) -> TrialFinished:
    """Return the last event of a trial.

    Args:
        started_s: what `time.perf_counter` said at its beginning.
        finding: the doctor's own; else one is made where the answer has a code.
    """
    if finding is None and answer.code:
        finding = _finding(answer, figures, source)
    return TrialFinished(
        trial=trial,
        outcome=answer.outcome,
        passed=answer.passed,
        sentence=answer.sentence,
        source=source,
        figures=msgspec.to_builtins(figures),
        changes=answer.changes,
        finding=finding,
        mark=mark,
        seconds=round(time.perf_counter() - started_s, 3),
    )


def _finding(answer: TrialAnswer, figures: msgspec.Struct, source: str) -> Finding:
    evidence: dict[str, Any] = {
        name: value
        for name, value in msgspec.to_builtins(figures).items()
        if isinstance(value, int | float | str)
    }
    return Finding(
        time=time.time(),
        step=0,
        code=answer.code,
        severity=answer.severity,
        message=answer.sentence.rstrip("."),
        evidence=evidence,
        remedy=answer.changes,
        reference=source,
    )


def report_every(values: Iterable[T], interval_s: float = TELL_S) -> Iterator[tuple[list[T], int]]:
    """Yield values in groups, one about every `interval_s` seconds, with how many there were so far."""
    group: list[T] = []
    count, told_s = 0, time.perf_counter()
    for value in values:
        group.append(value)
        count += 1
        if time.perf_counter() - told_s >= interval_s:
            yield group, count
            group, told_s = [], time.perf_counter()
    if group:
        yield group, count


def percent(share: float) -> str:
    """Return a share as `97.1 %`; it reads 0 or 100 only where it is that, to a thousandth of a point."""
    shown = round(100 * share, 3) + 0.0  # no minus before a 0
    if shown in (0.0, 100.0):
        return f"{shown:.0f} %"
    digits = next((digits for digits in (1, 2) if round(shown, digits) not in (0.0, 100.0)), 3)
    return f"{shown:.{digits}f} %"


def points(share: float) -> str:
    """Return a difference of shares as `0.7 points`."""
    return f"{100 * share:.2g} points" if abs(share) < 0.1 else f"{100 * share:.0f} points"
