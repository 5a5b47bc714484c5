"""Every trial by name, with the question that it answers; loaded when it is run."""

import importlib
from collections.abc import Generator
from typing import TYPE_CHECKING, NamedTuple

from engine.errors import NntermError, did_you_mean
from engine.trials.events import TrialEvent

if TYPE_CHECKING:
    from engine.trials.subject import TrialSubject


class Trial(NamedTuple):
    """A small experiment on the network at hand."""

    name: str
    title: str
    question: str
    """What it answers, in a few words."""
    about: str
    """What follows from the answer."""
    home: str
    """module:function."""


_ALL = (
    Trial(
        "overfit",
        "overfit one batch",
        "Can it learn 16 samples by heart?",
        "If not, something between data, network, loss and optimizer is broken.",
        "engine.trials.overfit_batch:overfit",
    ),
    Trial(
        "rates",
        "learning-rate range",
        "Which learning rate suits it?",
        "The rate grows with every update: where the loss falls it learns, where it rises it diverges.",
        "engine.trials.learning_rates:rates",
    ),
    Trial(
        "shuffled",
        "shuffled labels",
        "How much noise can it memorise?",
        "What it learns of shuffled labels is memory; if it foretells them, samples have leaked.",
        "engine.trials.shuffled_labels:shuffled",
    ),
    Trial(
        "zeroed",
        "zeroed inputs",
        "What does it reach without inputs?",
        "So much it owes to its biases; what is no better does not use its inputs.",
        "engine.trials.zero_inputs:zeroed",
    ),
    Trial(
        "seeds",
        "ten seeds",
        "How much of the result is luck?",
        "Other first weights and another order of the samples: two settings must differ by more than that.",
        "engine.trials.seeds:seeds",
    ),
)
TRIALS: dict[str, Trial] = {trial.name: trial for trial in _ALL}
"""In the order in which they are shown: the first ones are the quickest."""


def find_trial(name: str) -> Trial:
    """Return the trial called `name`.

    Raises:
        NntermError: there is none.
    """
    if name not in TRIALS:
        raise NntermError(f'"{name}" is not a trial', did_you_mean(name, TRIALS))
    return TRIALS[name]


def run_trial(name: str, subject: "TrialSubject") -> Generator[TrialEvent, None, None]:
    """Yield the events of a trial on `subject`; closing the generator ends it at once.

    Raises:
        NntermError: there is no such trial, or it says nothing about such a network.
    """
    module, function = find_trial(name).home.split(":")
    events: Generator[TrialEvent, None, None] = getattr(importlib.import_module(module), function)(subject)
    return events
