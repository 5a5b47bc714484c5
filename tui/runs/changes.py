"""The checkpoints that a run can be forked from, the change without which it cannot resume, and typed changes."""

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.runs import Run, kept_checkpoints
from tui.words.figures import figure

if TYPE_CHECKING:
    from engine.runs.fork import At

_KEY = re.compile(r"(?<!\S)[A-Za-z_][\w.\[\]-]*\s*=")
_QUOTED = re.compile(r'"[^"]*"|\'[^\']*\'')


class ForkPlace(NamedTuple):
    """A checkpoint to fork from, and its description."""

    at: "At"
    words: str
    epoch: int = 0
    """Epochs completed there."""


def fork_places(run: Run) -> list[ForkPlace]:
    """Return the checkpoints that `run` can be forked from, newest first; the initial weights are last."""
    kept = kept_checkpoints(run)
    places = []
    for entry in kept:
        remarks = [word for word, holds in (("newest", entry is kept[-1]), ("best", entry.is_best)) if holds]
        remark = f" ({', '.join(remarks)})" if remarks else ""
        loss = "" if entry.validation_loss is None else f" · val loss {figure(entry.validation_loss)}"
        if entry.ends_epoch:
            places.append(ForkPlace(entry.epoch, f"epoch {entry.epoch}{remark}{loss}", entry.epoch))
        elif entry is kept[-1]:
            places.append(ForkPlace("last", f"step {entry.step:,}{remark}", entry.epoch))
    return [*reversed(places), ForkPlace(0, "initial weights")]


def required_change(run: Run) -> dict[str, Any]:
    """Return a proposed change by dotted key without which `run` cannot resume; empty if it can as it is."""
    status = run.status()
    if status.state == "finished":
        return {"training.epochs": max(2 * status.epoch, status.epochs + 1)}
    if status.state == "diverged":
        return {"training.optimizer.lr": float(f"{(status.base_learning_rate or 0.1) / 10:g}")}
    return {}


def parse_changes(text: str) -> dict[str, Any]:
    """Return `KEY=VALUE KEY=VALUE ...` as dotted keys with values; a key may be a short name, a value contain spaces.

    Raises:
        ExperimentError: a part has no `=`, or a short name is unknown.
    """
    from engine.experiment.overrides import parse_assignments

    keys = [match.start() for match in _KEY.finditer(text) if _is_outside(text[: match.start()])]
    parts = [text[start:end].strip() for start, end in pairwise([0, *keys, len(text)])]
    return parse_assignments(part for part in parts if part)


def _is_outside(before: str) -> bool:
    """Return True if a text ends outside of all brackets and quotes."""
    plain = _QUOTED.sub("", before)
    return plain.count("{") == plain.count("}") and plain.count("[") == plain.count("]") and '"' not in plain
