"""Trials: small experiments on a network, each of which answers one question in one sentence.

A trial is one module with a generator: it yields events (`engine.trials.events`) and ends with a `TrialFinished`. A pure
function, `answer_of`, turns its figures into the answer. To add one, write the module and give it a row in
`registry.py`; `nnterm try` and the app's Trials screen find it there. A trial changes neither a run's folder nor a
network that is passed in.

Imports here are light; NumPy comes with the trials themselves.
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
