"""From evidence to findings: every rule for a kind of evidence is applied, and each fix is validated."""

import math
import time
from collections.abc import Callable
from typing import Any

from engine.doctor.evidence import Course, Plan, Result, Start
from engine.doctor.remedies import is_valid, of_all_hidden
from engine.doctor.rule import Rule, Verdict, rules_for
from engine.events import Finding
from engine.experiment.experiment import Experiment

Evidence = Plan | Start | Course | Result


def diagnose(evidence: Evidence, *, step: int = 0, clock: Callable[[], float] = time.time) -> list[Finding]:
    """Return the findings of all rules for this kind of evidence, not yet arranged.

    Args:
        evidence: passed to every rule that is registered for its type.
        step: updates made when the evidence was collected.
        clock: returns the Unix time of the findings, in seconds.
    """
    now = clock()
    return [
        _finding(rule, verdict, _experiment_of(evidence), now, step)
        for rule in rules_for(type(evidence))
        for verdict in rule.check(evidence)
    ]


def _finding(rule: Rule[Any], verdict: Verdict, experiment: Experiment, now: float, step: int) -> Finding:
    return Finding(
        time=now,
        step=step,
        code=rule.code,
        severity=verdict.severity,
        message=verdict.message,
        layer=verdict.layer,
        evidence={name: _rounded(value) for name, value in verdict.evidence.items()},
        remedy=of_all_hidden(experiment, verdict.remedy)
        if verdict.remedy and is_valid(experiment, verdict.remedy)
        else {},
        reference=rule.reference,
    )


def _rounded(value: Any) -> Any:
    """Return a float to six significant digits, None if it is not finite; other values unchanged."""
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value


def _experiment_of(evidence: Evidence) -> Experiment:
    return evidence.experiment if isinstance(evidence, Plan) else evidence.plan.experiment
