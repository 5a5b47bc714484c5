"""Every error that nnterm raises on purpose, each with a remedy and an exit code.

NntermError
 ├─ ExperimentError    the experiment file or an option is wrong (all its mistakes at once)
 ├─ DataError          a dataset is missing, unreadable or unusable
 ├─ CheckpointError    a weights file is damaged, foreign or does not fit
 ├─ RunError           a run folder is missing, locked, or cannot be written
 └─ DeviceError        a device or a library is not there
"""

import difflib
from collections.abc import Iterable, Sequence

import msgspec

from engine.printable import printable_lines


class NntermError(Exception):
    """A mistake that a user can mend: `message` says what and where, `hint` what to do; control characters, of a
    stranger's file, are spelt out in both.

    `exit_code` is what the command line ends with: 2, bad input.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = printable_lines(message)
        self.hint = printable_lines(hint)
        super().__init__(self.message)


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong with an experiment, and how to mend it.

    `key` is the dotted path as the user wrote it (`network.layers[1].activation`), `remedy` the changes that
    `--set` would make, empty where there is no single right answer.
    """

    key: str
    message: str
    hint: str = ""
    remedy: dict[str, object] = {}
    forceable: bool = False
    """Whether `force = true` lets a learner build it all the same."""


class ExperimentError(NntermError):
    """The experiment cannot be built; `problems` holds every mistake that was found."""

    def __init__(self, problems: Sequence[Problem], source: str = "") -> None:
        prefix = f"{source}: " if source else ""
        super().__init__("\n".join(prefix + problem.message for problem in problems), problems[0].hint)
        self.problems = tuple(problems)
        self.source = source


class DataError(NntermError):
    """A dataset is missing, unreadable or unusable."""


class CheckpointError(NntermError):
    """A weights file is damaged, foreign, or does not fit the network."""


class RunError(NntermError):
    """A run folder is missing, in use, or cannot be read or written."""


class DeviceError(NntermError):
    """A device or an optional library is not there."""


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Return the hint for an unknown name: the nearest valid one, then all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(given, names, n=1, cutoff=0.6)
    listing = f"known: {', '.join(names)}"
    return f'did you mean "{near[0]}"? {listing}' if near else listing
