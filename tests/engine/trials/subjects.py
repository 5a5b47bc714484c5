"""Small networks for trials, and helpers that run a trial to its end."""

from typing import Any

from engine.experiment.experiment import Experiment
from engine.trials import TrialEvent, TrialFinished, run_trial
from engine.trials.subject import TrialSubject


def subject(dataset: str = "moons", layers: list[int] | None = None, **options: Any) -> TrialSubject:
    """Return the subject of a quick experiment."""
    return TrialSubject.of(Experiment.quick(dataset, layers, **options))


def events_of(name: str, on: TrialSubject) -> list[TrialEvent]:
    """Return all events of a trial."""
    return list(run_trial(name, on))


def end_of(name: str, on: TrialSubject) -> TrialFinished:
    """Return the final event of a trial."""
    last = events_of(name, on)[-1]
    assert isinstance(last, TrialFinished)
    return last
