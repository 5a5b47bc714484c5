"""Changes to the experiment of a run: how they are parsed and previewed, and when one is required to resume."""

from pathlib import Path

import pytest

from engine.errors import NntermError
from tests.tui.fake_runs import FakeRun
from tui.runs.changes import parse_changes, preview_changes, required_change


def test_spaces_separate_changes_and_may_stand_in_values() -> None:
    text = 'training.epochs=3  training.optimizer={ name = "adam", lr = 0.1 } name=x'
    assert parse_changes(text) == {
        "training.epochs": 3,
        "training.optimizer": {"name": "adam", "lr": 0.1},
        "name": "x",
    }
    with pytest.raises(NntermError):
        parse_changes("epochs")


def test_a_preview_has_the_old_and_the_new_value(tmp_path: Path) -> None:
    fake = FakeRun(tmp_path)
    changes = preview_changes(fake.run, "training.optimizer.lr=0.5 network.layers[0].units=7")
    assert changes["network.layers[0].units"] == (4, 7)
    before, after = changes["training.optimizer.lr"]
    assert (before != after, after) == (True, 0.5)


@pytest.mark.parametrize(
    ("state", "proposal"),
    [("finished", "training.epochs=8"), ("diverged", "training.optimizer.lr=0.01"), ("lost", None)],
)
def test_the_change_required_to_resume_follows_from_the_state(
    tmp_path: Path, state: str, proposal: str | None
) -> None:
    fake = FakeRun(tmp_path)
    fake.set_status(state, epoch=4, epochs=4, base_learning_rate=0.1)
    assert required_change(fake.run) == proposal
