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
    method: str = ""
    """The procedure, in a sentence."""
    cost: str = ""
    """The amount of computing, in words."""


_ALL = (
    Trial(
        "overfit",
        "overfit one batch",
        "Can it overfit 16 samples?",
        "If not, something between data, network, loss and optimizer is broken.",
        "engine.trials.overfit_batch:overfit",
        "Trains a copy on 16 samples without dropout and weight decay, until the loss is a thousandth of the first.",
        "at most 1,000 updates: about a second",
    ),
    Trial(
        "rates",
        "learning-rate range",
        "Which learning rate suits it?",
        "Where the loss falls the rate learns, where it rises the training diverges; a rate is suggested.",
        "engine.trials.learning_rates:rates",
        "Multiplies the learning rate by the same factor after every update, from 1e-6 to 10.",
        "300 to 2,000 updates: up to 10 seconds",
    ),
    Trial(
        "shuffled",
        "shuffled labels",
        "How much noise can it memorise?",
        "If it predicts shuffled labels of samples that it was not trained on, samples have leaked.",
        "engine.trials.shuffled_labels:shuffled",
        "Trains on up to 1,000 samples with shuffled labels, then on the same samples with their true labels.",
        "at most 20,000 updates for each: up to 10 seconds",
    ),
    Trial(
        "zeroed",
        "zeroed inputs",
        "What does it reach without inputs?",
        "The gap between the two curves comes from the inputs; without a gap it does not use them.",
        "engine.trials.zero_inputs:zeroed",
        "Trains once with all features set to 0, and once with the real ones, from the same initial weights.",
        "two short trainings: up to 10 seconds",
    ),
    Trial(
        "seeds",
        "ten seeds",
        "How much of the result is luck?",
        "Two settings must differ by more than the seeds do, or the difference may be luck.",
        "engine.trials.seeds:seeds",
        "Repeats the training with ten seeds: other initial weights, another order of the samples.",
        "ten short trainings: up to 20 seconds",
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
