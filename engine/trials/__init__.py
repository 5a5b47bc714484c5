"""Trials: small experiments on the network at hand, each of which answers one question in one sentence.

A trial is one module with a generator: it yields events (`engine.trials.events`) and ends in a `TrialFinished`. What it
means is told by a pure function from its figures, `judged`. To add one: write the module, and name it in
`registry.py`; `nnterm try` and the app's Trials screen find it there. Neither a run's folder nor a network that is
handed in is changed.

What is imported here is light; NumPy comes with the trials themselves.
"""

from engine.trials.events import (
    Plot,
    TrialAnswer,
    TrialCurve,
    TrialEvent,
    TrialFinished,
    TrialPoints,
    TrialProgress,
    TrialStarted,
)
from engine.trials.registry import TRIALS, Trial, find_trial, run_trial

__all__ = [
    "TRIALS",
    "Plot",
    "Trial",
    "TrialAnswer",
    "TrialCurve",
    "TrialEvent",
    "TrialFinished",
    "TrialPoints",
    "TrialProgress",
    "TrialStarted",
    "find_trial",
    "run_trial",
]
