"""A run with a missing or damaged experiment file continues with the experiment in its events or weights."""

from pathlib import Path

import pytest

from engine.errors import RunError
from engine.events import Finding
from engine.runs import Run, fork, resume
from engine.runs.checkpoints import list_checkpoints
from engine.runs.repair import ASIDE_NAME, damage_of
from tests.engine.runs.workshop import Workshop, same_training

DAMAGES = [None, b"", b"name = 'half", b"\x00" * 50, b"seed = 'x'"]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    return Workshop(tmp_path, monkeypatch)


def damage(run: Run, content: bytes | None) -> None:
    path = run.path / "experiment.toml"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)


@pytest.mark.parametrize("content", DAMAGES, ids=str)
def test_a_killed_run_resumes_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    whole = Workshop(tmp_path / "whole", monkeypatch)
    whole.to_the_end()
    shop = Workshop(tmp_path, monkeypatch)
    assert not shop.work(dies_at=30)
    experiment = shop.run.experiment()
    damage(shop.run, content)
    assert shop.run.experiment() == experiment
    assert "its state is taken from its events" in damage_of(shop.run)
    shop.to_the_end()
    assert same_training(shop.last(), whole.last())
    assert shop.run.read_experiment() == experiment
    findings = [e for e in shop.events() if isinstance(e, Finding) and e.code == "damaged-experiment"]
    assert len(findings) == 1
    aside = shop.run.path / ASIDE_NAME
    assert aside.read_bytes() == content if content is not None else not aside.exists()


def test_a_change_at_a_resume_keeps_the_damaged_file(shop: Workshop) -> None:
    shop.work()
    damage(shop.run, b"nothing = [")
    resume(shop.run, {"training.epochs": 5})
    assert (shop.run.path / ASIDE_NAME).read_bytes() == b"nothing = ["
    assert shop.run.read_experiment().training.epochs == 5


def test_a_fork_leaves_the_parent_unchanged(shop: Workshop) -> None:
    shop.work()
    damage(shop.run, b"nothing = [")
    forked = fork(shop.run, 1, starts=False).run
    assert forked.read_experiment().network == shop.run.experiment().network
    assert (shop.run.path / "experiment.toml").read_bytes() == b"nothing = ["


def test_without_events_the_experiment_is_read_from_the_weights(shop: Workshop) -> None:
    shop.work()
    experiment = shop.run.experiment()
    damage(shop.run, None)
    (shop.run.path / "events.jsonl").unlink()
    assert shop.run.experiment() == experiment
    for _, path in list_checkpoints(shop.run.path):
        path.unlink()
    (shop.run.path / "live.safetensors").unlink(missing_ok=True)
    with pytest.raises(RunError, match="cannot read"):
        shop.run.experiment()
