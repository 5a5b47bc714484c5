"""Changes to the experiment of a run: KEY=VALUE texts and what they change, and the checkpoints to fork from."""

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.runs import Run, kept_checkpoints
from tui.words.changes import Changes
from tui.words.figures import figure

if TYPE_CHECKING:
    from engine.runs.fork import At


class ForkPlace(NamedTuple):
    """A checkpoint to fork from, and its description."""

    at: "At"
    words: str


def fork_places(run: Run) -> list[ForkPlace]:
    """Return the checkpoints that `run` can be forked from, newest first; the initial weights are last."""
    kept = kept_checkpoints(run)
    places = []
    for entry in kept:
        loss = "" if entry.validation_loss is None else f" · validation loss {figure(entry.validation_loss)}"
        best = ", the best" if entry.is_best else ""
        if entry.ends_epoch:
            places.append(ForkPlace(entry.epoch, f"epoch {entry.epoch}{best}{loss}"))
        elif entry is kept[-1]:
            places.append(ForkPlace("last", f"step {entry.step:,}, the last"))
    return [*reversed(places), ForkPlace(0, "the first weights")]


def required_change(run: Run) -> str | None:
    """Return a proposed change, as a KEY=VALUE text, without which `run` cannot resume; None if it can as it is."""
    status = run.status()
    if status.state == "finished":
        return f"training.epochs={max(2 * status.epoch, status.epochs + 1)}"
    if status.state == "diverged":
        return f"training.optimizer.lr={(status.base_learning_rate or 0.1) / 10:g}"
    return None


def preview_changes(run: Run, text: str) -> Changes:
    """Return the old and new values of the keys of the experiment of `run` that KEY=VALUE texts change.

    Raises:
        NntermError: a key or a value is invalid.
    """
    from engine.experiment.changes import changed

    before = run.experiment()
    return changed(before.to_raw(), before.with_changes(parse_changes(text)).to_raw())


def parse_changes(text: str) -> dict[str, Any]:
    """Return `KEY=VALUE KEY=VALUE ...` as keys with values; a value may contain spaces.

    Raises:
        ExperimentError: a part has no `=`.
    """
    from engine.experiment.overrides import parse_assignment

    parts = re.split(r"\s+(?=[A-Za-z_][\w.\[\]-]*=)", text.strip())
    return dict(parse_assignment(part) for part in parts if part)
