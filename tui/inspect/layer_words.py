"""Texts on layers and their distributions."""

from typing import TYPE_CHECKING, Protocol

from textual.content import Content

from engine.words import counted
from tui.charts.tones import MUTED

if TYPE_CHECKING:
    from engine.inspection.distributions import Distribution

KINDS = {
    "pre_activation": "z before activation",
    "activation": "a after activation",
    "weight": "weights",
    "bias": "biases",
    "weight_gradient": "gradient of weights",
    "bias_gradient": "gradient of biases",
}
"""Names of the distributions."""
SHORT = {
    "pre_activation": "z",
    "activation": "a",
    "weight": "weights",
    "bias": "biases",
    "weight_gradient": "∂ weights",
    "bias_gradient": "∂ biases",
}
"""Short names of the distributions."""
_SOME = 0.0005
"""Shares below this are not mentioned."""


class NamedLayer(Protocol):
    """A layer in the answers of the views."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def units(self) -> int: ...
    @property
    def activation(self) -> str: ...


def layer_line(layer: NamedLayer, position: int, count: int) -> Content:
    """Return `layers.0  dense, 128 units, relu  (1 of 3)`."""
    units = counted(layer.units, "unit")
    more = f"  {layer.kind}, {units}, {layer.activation}"
    return Content.assemble((layer.name, "bold"), more, (f"  ({position + 1} of {count})", MUTED))


def outside_words(one: "Distribution", room: int = 999) -> str:
    """Return the values that a histogram does not show well: not finite, zero, outside the axis; as many as fit."""
    parts = [f"{one.broken:,} NaN"] if one.broken else []
    if one.zeros > _SOME:
        parts.append(f"{100 * one.zeros:.0f} % are 0")
    if one.below > 0:
        parts.append(f"{_percent(one.below)} ◂")
    if one.above > 0:
        parts.append(f"▸ {_percent(one.above)}")
    words = ""
    for part in parts:
        words += f"  {part}" if len(words) + 2 + len(part) <= room else ""
    return words


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= _SOME else "<0.1 %"
