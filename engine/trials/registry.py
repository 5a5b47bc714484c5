"""The trials by name, with the question that each answers; a trial's module is imported when it runs."""

import importlib
from collections.abc import Generator
from typing import TYPE_CHECKING, NamedTuple

from engine.errors import NntermError, did_you_mean
from engine.trials.events import TrialEvent

if TYPE_CHECKING:
    from engine.trials.subject import TrialSubject


class Trial(NamedTuple):
    """A small experiment on a network."""

    name: str
    title: str
    question: str
    """The question that it answers, in a few words."""
    about: str
    """The consequence of the answer, in a sentence."""
    home: str
    """The generator as "module:function", imported when the trial runs."""


_ALL = (
    Trial(
        "overfit",
        "overfit one batch",
        "Can it overfit 16 samples?",
        "If not, something between data, network, loss and optimizer is broken.",
        "engine.trials.overfit_batch:overfit",
    ),
    Trial(
        "rates",
        "learning-rate range",
        "Which learning rates work?",
        "The rate grows with every update: where the loss falls it learns, where it rises it diverges.",
        "engine.trials.learning_rates:rates",
    ),
    Trial(
        "shuffled",
        "shuffled labels",
        "How much noise can it memorise?",
        "Shuffled labels can only be memorised; if it predicts them on new samples, samples have leaked.",
        "engine.trials.shuffled_labels:shuffled",
    ),
    Trial(
        "zeroed",
        "zeroed inputs",
        "What does it reach without inputs?",
        "The result of the biases alone; a network that is no better does not use its inputs.",
        "engine.trials.zero_inputs:zeroed",
    ),
    Trial(
        "seeds",
        "ten seeds",
        "How much does the result depend on the seed?",
        "Other initial weights and sample orders: two settings must differ by more than that.",
        "engine.trials.seeds:seeds",
    ),
)
TRIALS: dict[str, Trial] = {trial.name: trial for trial in _ALL}
"""The trials in display order, the quickest first: a new one is one row above and one module."""


def find_trial(name: str) -> Trial:
    """Return the trial called `name`.

    Raises:
        NntermError: there is no such trial.
    """
    if name not in TRIALS:
        raise NntermError(f'"{name}" is not a trial', did_you_mean(name, TRIALS))
    return TRIALS[name]


def run_trial(name: str, subject: "TrialSubject") -> Generator[TrialEvent, None, None]:
    """Yield the events of a trial on `subject`; closing the generator ends it at once.

    Raises:
        NntermError: there is no such trial, or it does not apply to such a network.
    """
    module, function = find_trial(name).home.split(":")
    events: Generator[TrialEvent, None, None] = getattr(importlib.import_module(module), function)(subject)
    return events
