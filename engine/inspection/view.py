"""What a view is made of."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from engine.inspection.messages import Answer
from engine.inspection.snapshot import NetworkSnapshot, SplitName


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What can be chosen of every view."""

    split: SplitName = "auto"
    """The samples that are judged; auto: the test, or else the training split."""


class InspectionView(NamedTuple):
    """A way to look at a network."""

    name: str
    """As `--NAME` of `nnterm inspect` and the answer's tag."""
    options: type[Options]
    answer: type[Answer]
    show: Callable[[NetworkSnapshot, Any], Answer]
    """Returns the answer for a look and the options; raises `UnfitError`."""
