"""The form that forks a run: the checkpoint to start from, and all settings that the new run may change."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from engine.runs import Run, fork
from engine.runs.fork import Forked
from tui.draft.assess import Assessment
from tui.draft.field import Field
from tui.draft.fields import FieldReader
from tui.draft.tables import Draft, complete, layers_of, with_value
from tui.runs.change_form import ChangeForm
from tui.runs.changes import ForkPlace, fork_places
from tui.runs.form_task import FormTask

_FIRST = ("training.optimizer.lr", "training.epochs", "training.batch_size", "training.optimizer")
"""The fields that are changed most often."""
_LAST = ("name",)
_EPOCHS = "training.epochs"


class ForkStart(NamedTuple):
    """The checkpoints and settings that the form of a fork opens with."""

    places: Sequence[ForkPlace]
    draft: Draft
    """The settings of the run, without its name."""


def fork_start(run: Run) -> ForkStart:
    """Return the checkpoints of `run` and its settings; reads files.

    Raises:
        RunError: the run is damaged.
    """
    return ForkStart(fork_places(run), {**complete(run.experiment().to_raw()), "name": ""})


def fork_dialog(name: str, home: Path | None, start: "ForkStart") -> ChangeForm:
    """Return the dialog that forks the run `name` and returns a `Forked`."""

    def act(changes: dict[str, Any], place: ForkPlace | None) -> Forked:
        return fork(Run.open(name, home), place.at if place else "last", changes)

    return ChangeForm(
        FormTask(
            title=f"fork {name}",
            words="Starts a new run from a checkpoint, with the changes below.",
            verb="fork",
            before=start.draft,
            proposed=start.draft,
            cursor=_FIRST[0],
            fields=fork_fields,
            act=act,
            places=start.places,
            check=lambda draft, place: wrong_place(start.draft, draft, place),
            adapt=lambda draft, place: with_epochs_left(start.draft, draft, place),
        )
    )


def fork_fields(draft: Draft, assessment: Assessment) -> list[Field]:
    """Return the fields of all settings, those first that are changed most often."""
    reader = FieldReader(draft, assessment)
    of_training = [*reader.learning(0), *reader.training()]
    of_layers = [field for index in range(len(layers_of(draft))) for field in reader.layer(index)]
    rest = [field for field in of_training if not field.key.startswith("network.layers[")]
    fields = {field.key: field for field in (*rest, *reader.all_hidden(), *of_layers)}
    ordered = [*_FIRST, *(key for key in fields if key not in (*_FIRST, *_LAST)), *_LAST]
    return [fields[key] for key in ordered if key in fields]


def wrong_place(before: Draft, draft: Draft, place: ForkPlace | None) -> str:
    """Return why a run with the settings `draft` cannot start at a checkpoint of one with `before`; empty if it can."""
    if place is None or place.at == 0:
        return ""
    if draft["training"]["epochs"] <= place.epoch:
        return f"The checkpoint is at epoch {place.epoch}: epochs must be above {place.epoch}."
    if _shapes(before) != _shapes(draft):
        return "The weights of a checkpoint fit only the same layers: start from the initial weights."
    return ""


def with_epochs_left(before: Draft, draft: Draft, place: ForkPlace | None) -> Draft:
    """Return the draft with more epochs if the checkpoint leaves none; with the run's own if it leaves some again."""
    epochs, own = draft["training"]["epochs"], before["training"]["epochs"]
    if place is None:
        return draft
    if epochs <= place.epoch:
        return with_value(draft, _EPOCHS, 2 * place.epoch)
    return with_value(draft, _EPOCHS, own) if epochs == 2 * own and place.epoch < own else draft


def _shapes(draft: Draft) -> list[tuple[Any, Any]]:
    return [(layer["type"], layer.get("units")) for layer in layers_of(draft)]
