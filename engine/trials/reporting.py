"""Parts that all trials share: the final event, and the interval of progress reports."""

import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from engine.events import Finding
from engine.trials.events import TrialAnswer, TrialFinished

REPORT_S = 0.1
"""Seconds between two progress reports."""
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
    """Return the final event of a trial.

    Args:
        started_s: `time.perf_counter` at the start of the trial.
        finding: the doctor's own; None: one is made if the answer has a code.
        mark: x to mark in the plot.
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


def report_every(values: Iterable[T], interval_s: float = REPORT_S) -> Iterator[tuple[list[T], int]]:
    """Yield values in groups, one about every `interval_s` seconds, each with the number of values so far."""
    group: list[T] = []
    count, reported_s = 0, time.perf_counter()
    for value in values:
        group.append(value)
        count += 1
        if time.perf_counter() - reported_s >= interval_s:
            yield group, count
            group, reported_s = [], time.perf_counter()
    if group:
        yield group, count


def points(share: float) -> str:
    """Return a difference of shares in percentage points: `0.7 points`."""
    return f"{100 * share:.2g} points" if abs(share) < 0.1 else f"{100 * share:.0f} points"
