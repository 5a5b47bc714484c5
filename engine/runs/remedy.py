"""The suggested fix of a finding applied to a run: by a change of the running training, by a fork, or by a new run."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np

from engine.errors import NntermError, RunError
from engine.events import Finding, Layers, Steps
from engine.experiment.change_groups import in_words, label_of, value_text
from engine.experiment.changes import with_fix
from engine.runs.commands import LEARNING_RATE, SETTABLE, as_rate
from engine.runs.folder import Run
from engine.runs.fork import At, CheckpointInfo, fork, kept_checkpoints
from engine.runs.status import Status
from engine.storage.weights import load_snapshot
from engine.words import listed

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment

Kind = Literal["apply", "fork", "restart"]

KEEPS_WEIGHTS = "training."
"""Prefix of the keys that can change while the weights are kept; layers, initial weights, data and seed need new ones."""
RESTARTS = ("training.backend", "training.device", "training.dtype", "training.processes")
"""Keys with that prefix that need new weights too: they change the numbers from the first step on."""
WEIGHTS_UNUSABLE = frozenset(
    {"zero-init", "symmetric-init", "init-scale", "dead-relu", "saturated", "vanishing-gradients"}
)
"""Findings after which the weights cannot be used any more: dead or identical units stay so."""
SPOILS_WEIGHTS = frozenset({"nan", "exploding-gradients", "learning-rate-high", "overfitting"})
"""Findings that have damaged the newest weights; the best checkpoint is from before that."""
WANTS_LOWER_RATE = frozenset({"nan", "exploding-gradients", "learning-rate-high"})
WANTS_HIGHER_RATE = frozenset({"learning-rate-low"})
"""Findings whose fix is a lower, or a higher learning rate."""
MAX_LOSS_RATIO, MAX_LOSS_RATIO_OVERSTEPPED = 1.5, 0.9
"""Limits of a checkpoint's validation loss, relative to the loss before the first update. After updates that overstep,
weights little better than the initial ones are unusable too: their units may receive no gradient."""
MIN_SHARE_LEFT = 0.5
"""Share of the epochs that must be left after a checkpoint, so that a change can take effect."""


class RemedyPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The effect that applying a suggested fix would have on a run."""

    kind: Kind
    """apply: the running training is changed; fork: a new run continues from a checkpoint; restart: a new run starts."""
    changes: dict[str, Any] = {}
    """Dotted keys and values, as `--set` takes them."""
    at: At = 0
    """Of a fork: epochs completed at its checkpoint, or "last"."""
    sentence: str = ""
    """The effect of applying it, without a full stop."""
    words: str = ""
    """The changes in words: `learning rate: 0.1 → 0.01`."""
    refused: str = ""
    """Reason why the fix cannot be applied; empty if it can."""


def plan_remedy(run: Run, finding: Finding) -> RemedyPlan:
    """Return the best way to apply the suggested fix of `finding` to `run` in its present state.

    Raises:
        RunError: the run's status or experiment is damaged.
    """
    experiment, status = run.experiment(), run.status()
    changes = dict(finding.remedy)
    refused = _refusal(finding, experiment, status)
    if refused:
        return RemedyPlan(kind=_kind(finding, status), changes=changes, refused=refused)
    kind = _kind(finding, status)
    words = _in_words(experiment, changes, status)
    if kind == "apply":
        sentence = f"Changes {run.name} while it trains"
        return RemedyPlan(kind=kind, changes=changes, sentence=sentence, words=words)
    kept = _checkpoint_for(run, finding, experiment) if kind == "fork" else None
    at: At = 0 if kept is None else kept.epoch if kept.ends_epoch else "last"
    other = "" if status.is_over else f"; {run.name} continues too"
    sentence = f"Starts a new run {_start_in_words(run, kept, changes)}{other}"
    return RemedyPlan(
        kind="fork" if kept else "restart", changes=changes, at=at, sentence=sentence, words=words
    )


def _in_words(experiment: "Experiment", changes: dict[str, Any], status: Status) -> str:
    """Return the changes in words, from the learning rate as last set."""
    found = with_fix(experiment.to_raw(), changes)[1]
    if LEARNING_RATE in found and status.base_learning_rate is not None and not status.is_over:
        found[LEARNING_RATE] = (status.base_learning_rate, found[LEARNING_RATE][1])
    return in_words(found)


def carry_out(run: Run, plan: RemedyPlan) -> str | None:
    """Carry out `plan`; return the name of the new run, or None if `run` itself was changed.

    Raises:
        RunError: the plan is refused, the run is over by now, or the new run cannot be created or started.
    """
    if plan.refused:
        raise RunError(plan.refused)
    if plan.kind != "apply":
        try:
            return fork(run, plan.at, plan.changes).run.name
        except RunError:
            raise
        except NntermError as error:
            raise RunError(error.message, error.hint) from None
    status = run.status()
    if status.is_over:
        raise RunError(f"{run.name} is {status.state}: it is not training any more")
    for key, value in plan.changes.items():
        run.command("set", key, value)
    return None


def with_code(findings: list[Finding], code: str) -> Finding | None:
    """Return the first finding with a code that has a suggested fix, else the first with the code; None: not found."""
    matching = [finding for finding in findings if finding.code == code]
    return next((finding for finding in matching if finding.remedy), matching[0] if matching else None)


def _refusal(finding: Finding, experiment: "Experiment", status: Status) -> str:
    """Return the reason why the fix cannot be applied; empty if it can."""
    if not finding.remedy:
        return f"{finding.code} has no automatic fix"
    try:
        changed = experiment.with_changes(finding.remedy)
    except NntermError as error:
        return f"the suggested fix does not fit this run: {error.message}"
    if changed == experiment:
        return f"this run has {_listed(finding.remedy)} already"
    if _kind(finding, status) == "apply" and _is_already_set(finding, status):
        return f"the learning rate is {status.base_learning_rate:g} already"
    return ""


def _is_already_set(finding: Finding, status: Status) -> bool:
    """Return True if the learning rate has already been set to the suggested value, or beyond it."""
    rate, now = as_rate(finding.remedy[LEARNING_RATE]), status.base_learning_rate
    if rate is None or now is None:
        return False
    return (
        now == rate
        or (finding.code in WANTS_LOWER_RATE and now < rate)
        or (finding.code in WANTS_HIGHER_RATE and now > rate)
    )


def _kind(finding: Finding, status: Status) -> Kind:
    """Return the kind that the changed keys and the finding need, whether or not there is a checkpoint."""
    if not status.is_over and finding.code not in WEIGHTS_UNUSABLE and set(finding.remedy) <= set(SETTABLE):
        return "apply"
    keeps_weights = all(key.startswith(KEEPS_WEIGHTS) and key not in RESTARTS for key in finding.remedy)
    return "fork" if keeps_weights and finding.code not in WEIGHTS_UNUSABLE else "restart"


def _checkpoint_for(run: Run, finding: Finding, experiment: "Experiment") -> CheckpointInfo | None:
    """Return the checkpoint to continue from: the newest usable one, or the best if the finding damages weights."""
    epochs = experiment.with_changes(finding.remedy).training.epochs
    latest = epochs - 1 if finding.code in SPOILS_WEIGHTS else (1 - MIN_SHARE_LEFT) * epochs
    first_loss = _first_loss(run)
    for kept in _candidates(run, finding):
        bound = MAX_LOSS_RATIO_OVERSTEPPED if finding.code == "learning-rate-high" else MAX_LOSS_RATIO
        if kept.epoch <= latest and not _is_worse_than(first_loss, kept, bound) and _is_usable(kept):
            return kept
    return None


def _candidates(run: Run, finding: Finding) -> Iterator[CheckpointInfo]:
    """Yield the checkpoints to continue from, in the order of preference."""
    newest_first = [kept for kept in kept_checkpoints(run)[::-1] if kept.step]
    if finding.code in SPOILS_WEIGHTS:
        best = [kept for kept in newest_first if kept.is_best and kept.ends_epoch]
        yield from best
        yield from (kept for kept in newest_first if kept.ends_epoch and kept not in best)
        return
    # a checkpoint in the middle of an epoch must be the last one, and the order of the samples must not change
    keeps_order = "training.batch_size" not in finding.remedy
    yield from (kept for i, kept in enumerate(newest_first) if kept.ends_epoch or (i == 0 and keeps_order))


def _is_worse_than(first_loss: float | None, kept: CheckpointInfo, bound: float) -> bool:
    """Return True if the checkpoint's loss exceeds `bound` times that of the initial weights."""
    loss = kept.validation_loss
    return loss is not None and first_loss is not None and loss > bound * first_loss


def _is_usable(kept: CheckpointInfo) -> bool:
    """Return True if the checkpoint has an optimizer state and finite weights."""
    try:
        snapshot = load_snapshot(kept.path)
    except NntermError:
        return False
    return snapshot.optimizer_state is not None and bool(np.isfinite(snapshot.network.state).all())


def _first_loss(run: Run) -> float | None:
    """Return the loss before the first update, over the probe or the first batch; None: unknown or not finite."""
    for event in run.events(brief=True):
        if isinstance(event, Layers) and event.step == 0:
            return event.loss
        if isinstance(event, Steps):
            first = event.means[0] if event.step == 0 and event.means else None
            return first if first is not None and math.isfinite(first) else None
    return None


def _start_in_words(run: Run, kept: CheckpointInfo | None, changes: dict[str, Any]) -> str:
    """Return the start of a new run in words."""
    if kept is None:
        same = all(key.startswith(KEEPS_WEIGHTS) and key not in RESTARTS for key in changes)
        return (
            f"from the initial weights of {run.name}" if same else f"from step 0, with the seed of {run.name}"
        )
    best = " (best)" if kept.is_best else ""
    return f"from {f'epoch {kept.epoch}' if kept.ends_epoch else f'step {kept.step:,}'}{best} of {run.name}"


def _listed(changes: dict[str, Any]) -> str:
    """Return the changes as `key = value`, joined by commas and "and"."""
    return listed(f"{label_of(key)} {value_text(value)}" for key, value in changes.items())
