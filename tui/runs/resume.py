"""Resuming a run that has ended: at once if its settings allow that, else after a form for the change it needs."""

import asyncio
from pathlib import Path
from typing import Any, NamedTuple

from engine.errors import NntermError
from engine.experiment.overrides import apply_changes
from engine.runs import Run, resume
from engine.words import counted
from tui.draft.assess import Assessment
from tui.draft.field import Field
from tui.draft.fields import FieldReader
from tui.draft.tables import Draft, complete
from tui.runs.change_form import ChangeForm
from tui.runs.changes import ForkPlace, required_change
from tui.runs.form_task import FormTask
from tui.shell.screen import LabScreen
from tui.words.errors import error_text

_FIELDS = ("training.epochs", "training.optimizer.lr", "training.patience")
"""The settings that a resumed run may change."""
_FINISHED = "Training is complete. Raise the epochs (or lower the learning rate) to continue."
_DIVERGED = "Training diverged. Continue from the best checkpoint with a lower learning rate."


class _Needs(NamedTuple):
    """A run that resumes only with a change."""

    draft: Draft
    """Its settings, with the learning rate as last set."""
    proposal: dict[str, Any]
    epoch: int
    """Epochs completed."""
    diverged: bool


async def resume_run(screen: LabScreen, name: str) -> bool:
    """Resume the run `name` from its newest checkpoint; return True if a worker was started.

    Call it in a worker of `screen`, since it may wait for the user.
    """
    home = screen.session.home
    try:
        needs = await asyncio.to_thread(_resume_unless_changed, name, home)
    except NntermError as error:
        screen.notify(error_text(error), title=f"{name} cannot resume", severity="error", timeout=8)
        return False
    if needs is not None and not await screen.app.push_screen_wait(_dialog(name, home, needs)):
        return False
    screen.session.remember(name)
    return True


def _resume_unless_changed(name: str, home: Path | None) -> _Needs | None:
    """Resume the run, or return the change that it needs first; in a thread."""
    run = Run.open(name, home)
    proposal = required_change(run)
    if not proposal:
        resume(run)
        return None
    status, draft = run.status(), complete(run.experiment().to_raw())
    if status.base_learning_rate is not None:
        draft = apply_changes(draft, {"training.optimizer.lr": status.base_learning_rate})
    return _Needs(draft, proposal, status.epoch, status.state == "diverged")


def _dialog(name: str, home: Path | None, needs: _Needs) -> ChangeForm:
    def act(changes: dict[str, Any], place: ForkPlace | None) -> bool:
        resume(Run.open(name, home), changes)
        return True

    return ChangeForm(
        FormTask(
            title=f"continue {name}",
            words=_DIVERGED if needs.diverged else _FINISHED,
            verb="continue",
            before=needs.draft,
            proposed=complete(apply_changes(needs.draft, needs.proposal)),
            cursor=next(iter(needs.proposal)),
            fields=_fields,
            act=act,
            check=lambda draft, place: _too_few_epochs(draft, needs),
            is_ready=True,
        )
    )


def _fields(draft: Draft, assessment: Assessment) -> list[Field]:
    reader = FieldReader(draft, assessment)
    fields = {field.key: field for field in (*reader.learning(0), *reader.training())}
    return [fields[key] for key in _FIELDS]


def _too_few_epochs(draft: Draft, needs: _Needs) -> str:
    epochs = draft["training"]["epochs"]
    if epochs < needs.epoch or (epochs == needs.epoch and not needs.diverged):
        return f"{counted(needs.epoch, 'epoch')} are completed: epochs must be above {needs.epoch}."
    return ""
