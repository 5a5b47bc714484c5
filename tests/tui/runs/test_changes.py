"""Changes to the experiment of a run: how they are typed, where a fork may start, and what a resume requires."""

from pathlib import Path
from typing import Any

import pytest

from engine.errors import NntermError
from engine.experiment.experiment import Experiment
from tests.tui.fake_runs import FakeRun
from tui.draft.assess import assess
from tui.draft.tables import Draft, complete, with_value
from tui.runs.changes import ForkPlace, parse_changes, required_change
from tui.runs.fork_form import fork_fields, with_epochs_left, wrong_place


def test_spaces_separate_changes_and_may_stand_in_values() -> None:
    text = 'training.epochs=3  training.optimizer={ name = "adam", lr = 0.1 } name=x'
    assert parse_changes(text) == {
        "training.epochs": 3,
        "training.optimizer": {"name": "adam", "lr": 0.1},
        "name": "x",
    }
    with pytest.raises(NntermError):
        parse_changes("epochs")
    with pytest.raises(NntermError, match='got "x"'):
        parse_changes("x lr=3")
    assert parse_changes("") == {}
    assert parse_changes('data.target="a = b" lr=3')["training.optimizer.lr"] == 3


def test_short_names_are_changes() -> None:
    assert parse_changes("lr = 0.02 batch=64 optimizer=adam") == {
        "training.optimizer": "adam",
        "training.batch_size": 64,
        "training.optimizer.lr": 0.02,
    }


@pytest.mark.parametrize(
    ("state", "proposal"),
    [
        ("finished", {"training.epochs": 8}),
        ("diverged", {"training.optimizer.lr": 0.01}),
        ("lost", {}),
    ],
)
def test_the_change_required_to_resume_follows_from_the_state(
    tmp_path: Path, state: str, proposal: dict[str, Any]
) -> None:
    fake = FakeRun(tmp_path)
    fake.set_status(state, epoch=4, epochs=4, base_learning_rate=0.1)
    assert required_change(fake.run) == proposal


def draft(**options: Any) -> Draft:
    return complete(Experiment.quick("mnist", [8, 8], epochs=4, **options).to_raw())


def test_the_form_of_a_fork_has_every_setting_the_most_changed_first() -> None:
    fields = [field.key for field in fork_fields(draft(), assess(draft()))]
    assert fields[:3] == ["training.optimizer.lr", "training.epochs", "training.batch_size"]
    assert "network.layers[2].activation" in fields
    assert len(set(fields)) == len(fields)
    assert fields[-1] == "name"


def test_a_checkpoint_needs_epochs_left_and_the_same_layers() -> None:
    before, end = draft(), ForkPlace(4, "epoch 4", 4)
    assert "epochs must be above 4" in wrong_place(before, before, end)
    assert with_epochs_left(before, before, end)["training"]["epochs"] == 8
    wider = with_value(before, "network.layers[0].units", 9)
    assert "fit only the same layers" in wrong_place(before, wider, ForkPlace(2, "epoch 2", 2))
    assert wrong_place(before, wider, ForkPlace(0, "initial weights")) == ""


def test_epochs_that_the_form_added_go_with_the_checkpoint_that_needed_them() -> None:
    before, end, start = draft(), ForkPlace(4, "epoch 4", 4), ForkPlace(0, "initial weights")
    longer = with_epochs_left(before, before, end)
    assert with_epochs_left(before, longer, start) == before
    mine = with_value(before, "training.epochs", 7)
    assert with_epochs_left(before, mine, start) == mine
