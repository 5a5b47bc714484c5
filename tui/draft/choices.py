"""Details of each entry in a list of choices: its formula, when to choose it, the curve of an activation."""

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.named import Named
from engine.nn.activation_curve import activation_curve
from engine.nn.activations import ACTIVATIONS
from tui.draft.field import Field

CURVE_ENDS = (-4.0, 4.0)
"""The z axis of an activation's curve."""
_POINTS = 121

_WORDS: dict[tuple[str, str], str] = {
    ("scale", "unit"): "Divides inputs so that they lie in 0 to 1: for images.",
    ("scale", "standard"): "Mean 0, standard deviation 1 for each feature: for measurements.",
    ("scale", "none"): "Inputs as they are in the file.",
    ("dtype", "float32"): "Fast and exact enough for training.",
    ("dtype", "float64"): "Slower; for gradient checks and comparisons.",
    ("backend", "numpy"): "nnterm's own network, in this process: no PyTorch needed.",
    ("backend", "torch"): "PyTorch: on a GPU if there is one.",
    ("device", "auto"): "A GPU if PyTorch finds one, else the CPU.",
    ("device", "cpu"): "The processor.",
    ("device", "cuda"): "The first NVIDIA or AMD GPU.",
    ("device", "mps"): "The GPU of an Apple computer.",
    ("device", "xpu"): "The first Intel GPU.",
    ("nesterov", "false"): "Plain momentum.",
    ("nesterov", "true"): "Takes the gradient where the momentum leads; needs a momentum above 0.",
    ("compile", "false"): "Starts at once.",
    ("compile", "true"): "Fuses operations first: starts slowly, then runs faster on a GPU.",
}
"""By the last part of the key and the choice, for choices that are not members of a registry."""


@dataclass(frozen=True)
class ChoiceNote:
    """The texts beside a choice, and the values of its curve over `CURVE_ENDS`; empty where there is none."""

    formula: str = ""
    words: str = ""
    curve: tuple[float, ...] = ()


def note_on(field: Field, choice: str) -> ChoiceNote:
    """Return the note on one of a field's choices; "auto" has that of what it stands for."""
    member = field.members.get(choice)
    if member is not None:
        curve = activation_curve(choice, *CURVE_ENDS, _POINTS) if member in ACTIVATIONS.values() else ()
        return ChoiceNote(formula_of(field.members, choice), member.use, curve)
    if choice == "auto" and field.members:
        now = f" Now {field.shown}." if field.is_auto and field.shown != "auto" else ""
        return ChoiceNote("", f"Chosen to fit the task, the activation and the data.{now}")
    return ChoiceNote("", _WORDS.get((field.key.rpartition(".")[2], choice), ""))


def formula_of(members: Mapping[str, type[Named]], name: str) -> str:
    """Return the formula of a member, the start of its docstring; empty if there is no such member."""
    member = members.get(name)
    doc = inspect.getdoc(member) if member else None
    return re.split(r" Source:|, gradient|[,;] f'|, with ", doc.splitlines()[0])[0].rstrip(".") if doc else ""
