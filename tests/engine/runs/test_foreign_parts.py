"""Parts of another run in a run's folder, or data that changed since: one line says so, and nothing traces back."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data import load_data
from engine.errors import NntermError
from engine.experiment.experiment import Experiment
from engine.inspection.inspector import Inspector
from engine.proof.stream import CheckOptions, check
from engine.runs import Run
from engine.runs.checkpoints import list_checkpoints
from engine.runs.diagnosis import diagnose_run
from engine.runs.made_step import explain_step
from engine.runs.replay import Replay
from engine.training.evaluation import evaluate_network
from tests.engine.runs.workshop import Workshop

OTHERS: dict[str, dict[str, Any]] = {
    "wider": {"hidden": [5]},
    "deeper": {"hidden": [3, 3, 3]},
    "diverged": {"hidden": [5], "optimizer": "sgd", "lr": 1e6, "activation": "relu", "force": True},
}


def trained(folder: Path, patch: pytest.MonkeyPatch, **options: Any) -> Run:
    shop = Workshop(folder, patch, measure=True, **options)
    shop.work()
    return shop.run


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return trained(tmp_path / "home", monkeypatch)


def uses(run: Run) -> Iterator[Callable[[], Any]]:
    """Yield every reading of a run that computes."""
    yield lambda: evaluate_network(run.network(), load_data(run.experiment().data))
    yield lambda: list(
        check(
            run.network(),
            load_data(run.experiment().data),
            CheckOptions(torch=False, budget_s=0.1, samples=4),
        )
    )
    yield lambda: diagnose_run(run)
    yield lambda: list(Replay(run).events())
    yield lambda: list(explain_step(run, list_checkpoints(run.path)[-1][0]))
    for view in ("overview", "histograms", "confusion", "weights"):
        yield lambda view=view: Inspector(run).show(view, "newest")  # type: ignore[misc]


def errors_of(run: Run) -> list[NntermError]:
    """Use a run in every way, and return the errors; any other exception is a fault."""
    errors = []
    for use in uses(run):
        try:
            use()
        except NntermError as error:
            errors.append(error)
    assert all("\n" not in error.message for error in errors)
    return errors


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("part", ["events.jsonl", "live.safetensors", "experiment.toml", "checkpoint"])
def test_a_part_of_another_run(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, other: str
) -> None:
    foreign = trained(tmp_path / "other", monkeypatch, **OTHERS[other])
    mine, theirs = run.path / part, foreign.path / part
    if part == "checkpoint":
        mine, theirs = list_checkpoints(run.path)[-1][1], list_checkpoints(foreign.path)[-1][1]
    shutil.copy(theirs, mine)
    errors_of(run)


SHAPES: dict[str, tuple[Any, Any]] = {
    "fewer features": (lambda x, y: x[:, :3], lambda x, y: y),
    "more features": (lambda x, y: np.concatenate([x, x], 1), lambda x, y: y),
    "more classes": (lambda x, y: x, lambda x, y: np.arange(len(y)) % 5),
    "two classes": (lambda x, y: x, lambda x, y: np.arange(len(y)) % 2),
    "a regression": (lambda x, y: x, lambda x, y: x[:, 0] * 1.5),
    "pictures": (lambda x, y: np.full((len(x), 5, 5), 7, np.uint8), lambda x, y: y),
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_users_data_changed_their_shape(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = tmp_path / "table.npz"
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(100, 5)).astype(np.float32), np.arange(100) % 3
    np.savez(path, x=x, y=y)
    run = Run.create(Experiment.quick(str(path), [4], epochs=2), tmp_path / "home")
    shop = Workshop(tmp_path / "spare", monkeypatch)
    shop.run = run
    shop.work()
    assert run.status().state == "finished"
    assert errors_of(run) == []
    of_x, of_y = SHAPES[name]
    np.savez(path, x=of_x(x, y), y=of_y(x, y))
    errors = errors_of(run)
    assert any("table" in error.message or "data" in error.message for error in errors)
