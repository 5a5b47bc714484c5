"""The errors that nnterm raises on purpose, each with a hint and an exit code.

NntermError
 ├─ ExperimentError    the experiment file or an option is invalid (all problems at once)
 ├─ DataError          a dataset is missing, unreadable or unusable
 ├─ CheckpointError    a weights file is damaged, foreign or does not fit
 ├─ RunError           a run folder is missing, locked, or cannot be written
 └─ DeviceError        a device or a library is not available
"""

import difflib
from collections.abc import Iterable, Sequence

import msgspec

from engine.printable import printable_lines
from engine.words import counted


class NntermError(Exception):
    """An error that a user can fix: `message` states what is wrong and where, `hint` what to do.

    Control characters, as a foreign file may hold them, are escaped in both.
    """

    exit_code = 2
    """Exit code of the command line; 2: bad input."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = printable_lines(message)
        self.hint = printable_lines(hint)
        super().__init__(message, hint)

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class Problem(msgspec.Struct, frozen=True):
    """One problem of an experiment, with a suggested fix."""

    key: str
    """Dotted path of the setting as the user wrote it, for example `network.layers[1].activation`."""
    message: str
    hint: str = ""
    remedy: dict[str, object] = {}
    """Suggested fix: changes as `--set` takes them; empty if there is no single right one."""
    forceable: bool = False
    """True if `force = true` overrides the problem."""


MOST_PROBLEMS = 50
"""Number of problems that the message of an ExperimentError names; `problems` holds all."""


class ExperimentError(NntermError):
    """The experiment cannot be built; `problems` holds all problems found, `source` the name of its file."""

    def __init__(self, problems: Sequence[Problem], source: str = "") -> None:
        prefix = f"{source}: " if source else ""
        lines = [prefix + problem.message for problem in problems[:MOST_PROBLEMS]]
        if len(problems) > MOST_PROBLEMS:
            lines.append(f"{prefix}{counted(len(problems) - MOST_PROBLEMS, 'more problem')}")
        super().__init__("\n".join(lines), problems[0].hint)
        self.problems = tuple(problems)
        self.source = source

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.problems, self.source)


class DataError(NntermError):
    """A dataset is missing, unreadable or unusable."""


class CheckpointError(NntermError):
    """A weights file is damaged, foreign, or does not fit the network."""


class RunError(NntermError):
    """A run folder is missing, in use, or cannot be read or written."""


class DeviceError(NntermError):
    """A device or an optional library is not available."""


LONG_LIST = 16
"""Number of names above which a hint lists only the nearest ones."""


def did_you_mean(given: str, known: Iterable[str], where: str = "") -> str:
    """Return the hint for an unknown name: the closest valid name and all of them, of a long list the nearest three.

    Args:
        where: the command that lists the names, for example "nnterm runs".
    """
    names = sorted(known)
    near = difflib.get_close_matches(given, names, n=3, cutoff=0.6)
    if len(names) <= LONG_LIST:
        listing = f"known: {', '.join(names)}"
        return f'did you mean "{near[0]}"? {listing}' if near else listing
    listing = f"{len(names):,} are known{f', see {where}' if where else ''}"
    if near:
        return f"did you mean {any_of(near)}? {listing}"
    nearest = difflib.get_close_matches(given, names, n=3, cutoff=0.0)
    return f"the nearest are {', '.join(nearest)}; {listing}"


def any_of(names: Sequence[str]) -> str:
    """Return `"a", "b" or "c"`."""
    *first, last = [f'"{name}"' for name in names]
    return f"{', '.join(first)} or {last}" if first else last
