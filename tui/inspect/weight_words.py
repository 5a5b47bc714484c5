"""The edited weights of a unit, and texts on single weights."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.words.figures import figure

MOST_NAMED = 9
"""Features that have a name with one digit: x₁ to x₉."""

if TYPE_CHECKING:
    from engine.inspection.views.units import Units


def edited_weights(answer: "Units", edits: Mapping[int, float]) -> list[float | None]:
    """Return the weights of a unit, the bias last, with `edits` instead of the edits of the answer."""
    weights = [*answer.weights, answer.bias] if answer.weights else []
    for change in answer.changed:
        weights[change.input] = change.was
    for position, value in edits.items():
        weights[position] = value
    return weights


def weight_words(answer: "Units", position: int, value: float | None) -> str:
    """Return `row 3, column 5: +0.12 (was +0.08)`."""
    if not answer.weights:
        return "too many weights to edit"
    was = next((change.was for change in answer.changed if change.input == position), None)
    before = "" if was is None or was == value else f" (was {was:+.3g})"
    return f"{place_words(answer, position)}: {figure(value, 4)}{before}"


def place_words(answer: "Units", position: int) -> str:
    """Return a text on the input of a weight."""
    if position >= len(answer.weights):
        return "bias"
    if answer.picture is None:
        return (
            f"unit {position:,} of {answer.inputs_from}"
            if answer.inputs_from
            else input_name(answer, position)
        )
    channels, height, width = answer.picture
    channel, pixel = divmod(position, height * width)
    words = f"row {pixel // width}, column {pixel % width}"
    return words if channels == 1 else f"channel {channel}, {words}"


def input_name(answer: "Units", position: int) -> str:
    """Return `x₁` for the first of a few features, as in the other views; `feature 17` for one of many."""
    if answer.inputs_from:
        return f"unit {position:,}"
    return f"x{chr(ord('₁') + position)}" if len(answer.weights) <= MOST_NAMED else f"feature {position:,}"


def input_names(answer: "Units") -> list[str]:
    """Return the name of every input of the unit."""
    return [input_name(answer, position) for position in range(len(answer.weights))]
