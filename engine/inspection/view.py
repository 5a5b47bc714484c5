"""The parts of a view."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from engine.inspection.messages import Answer
from engine.inspection.snapshot import NetworkSnapshot, SplitName


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of every view."""

    split: SplitName = "auto"
    """The evaluated split; auto: the test split, or else the training split."""


class InspectionView(NamedTuple):
    """A view of a network."""

    name: str
    """The option `--NAME` of `nnterm inspect`, and the answer's tag."""
    options: type[Options]
    answer: type[Answer]
    show: Callable[[NetworkSnapshot, Any], Answer]
    """Returns the answer for a snapshot and the options; raises `UnfitError`."""
