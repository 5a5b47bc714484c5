"""Texts on the effect of edits by hand on a network."""

from typing import TYPE_CHECKING

from textual.content import Content

from tui.charts.tones import FAINT, MUTED
from tui.words.figures import figure, percent

if TYPE_CHECKING:
    from engine.inspection.edit_effect import EditEffect
    from engine.inspection.views.units import Units

HOW = "0 disables the unit. tab: weights; there + - change the selected one, enter types its value, 0 sets it to 0."
SAFE = "Edits apply to a copy; the run is not changed."


def effect_panel(answer: "Units", note: str) -> tuple[str, list[Content]]:
    """Return the title and lines of the panel: the effect of the edits, or the keys that edit.

    Args:
        note: a note on dropped edits; "" for none.
    """
    if answer.effect is not None:
        only = answer.unit if answer.silenced and answer.edits == 1 else None
        many = "s" if answer.edits != 1 else ""
        return f"effect of {answer.edits} edit{many} on a copy", effect_lines(answer.effect, only)
    lines = [Content.styled(note, "$text-warning")] if note else []
    return "edit weights", [*lines, Content.styled(HOW, MUTED), Content.styled(SAFE, MUTED)]


def effect_lines(effect: "EditEffect", disabled: int | None = None) -> list[Content]:
    """Return loss and accuracy before and after, the changed predictions, and the contribution of a disabled unit.

    Args:
        disabled: the unit, if disabling it is the only edit.
    """
    before, after = effect.before, effect.after
    lines = [_pair("loss", figure(before.loss), figure(after.loss))]
    if before.accuracy is not None and after.accuracy is not None:
        points = 100 * (after.accuracy - before.accuracy)
        were = f"{100 * before.accuracy:.2f}"
        lines.insert(0, _pair("accuracy", were, percent(after.accuracy), f"{points:+.2f} points"))
        if disabled is not None:
            lines.append(Content.styled(worth_words(disabled, -points), "bold"))
    lines.append(Content(flip_words(effect)))
    return [*lines, *flip_rows(effect)]


def worth_words(unit: int, points: float) -> str:
    """Return a sentence on the accuracy that a unit contributes, `points` in percentage points."""
    if abs(points) < 0.005:
        return f"Unit {unit} contributes nothing to the accuracy."
    if points < 0:
        return f"Without unit {unit} the accuracy is {-points:.2f} points higher."
    return f"Unit {unit} contributes {points:.2f} points of accuracy."


def flip_words(effect: "EditEffect") -> str:
    """Return a sentence on the predictions that have changed."""
    if not effect.flipped:
        return "No prediction changes."
    if effect.before.accuracy is None:
        return f"{effect.flipped:,} of {effect.samples:,} predictions change; the largest changes:"
    wrong = effect.flipped - effect.gained - effect.lost
    parts = [(effect.lost, "now wrong"), (effect.gained, "now right"), (wrong, "still wrong")]
    text = ", ".join(f"{count:,} {words}" for count, words in parts if count)
    return f"{effect.flipped:,} of {effect.samples:,} predictions change: {text}."


def flip_rows(effect: "EditEffect") -> list[Content]:
    """Return the first samples whose prediction has changed, a line each."""
    rows = []
    for flip in effect.first:
        tone = "$text-success" if flip.now_right else "$text-error" if flip.was_right else MUTED
        change = f"{flip.before[:12]} → {flip.after[:12]}"
        rows.append(
            Content.assemble(
                (f"{flip.index:>7,}  ", FAINT), (change, tone), (f"   true: {flip.truth[:12]}", FAINT)
            )
        )
    return rows


def _pair(name: str, before: str, after: str, more: str = "") -> Content:
    return Content.assemble(
        (f"{name:<9}", MUTED), f"{before} → ", (after, "bold"), (f"  {more}" if more else "", MUTED)
    )
