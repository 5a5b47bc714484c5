"""The class filter of the Errors view: texts such as `4`, `4>9` or `>9`."""

from collections.abc import Sequence
from typing import NamedTuple

ARROWS = ("→", ">")


class ClassFilter(NamedTuple):
    """The true and the predicted class of the samples to show; None: any."""

    truth: int | None = None
    predicted: int | None = None

    def words(self, names: Sequence[str]) -> str:
        """Return the filter as a user would type it."""
        truth = "" if self.truth is None else names[self.truth]
        return truth if self.predicted is None else f"{truth}>{names[self.predicted]}"


class UnknownClassError(ValueError):
    """No class has that name, or more than one has names that start with it."""


def parse_classes(text: str, names: Sequence[str]) -> ClassFilter:
    """Return the filter of a text; "" is any class.

    Raises:
        UnknownClassError: a class is unknown or ambiguous.
    """
    for arrow in ARROWS:
        if arrow in text:
            truth, _, predicted = text.partition(arrow)
            return ClassFilter(_find(truth, names), _find(predicted, names))
    return ClassFilter(_find(text, names))


def _find(text: str, names: Sequence[str]) -> int | None:
    wanted = text.strip().casefold()
    if not wanted:
        return None
    folded = [name.casefold() for name in names]
    if wanted in folded:
        return folded.index(wanted)
    begins = [i for i, name in enumerate(folded) if name.startswith(wanted)]
    if len(begins) == 1:
        return begins[0]
    known = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    what = "more than one class starts with it" if begins else "unknown class"
    raise UnknownClassError(f'"{text.strip()}": {what}; known: {known}')
