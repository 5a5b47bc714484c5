"""A suggested fix is applied by a change of the running training, a fork from finite weights, or a new run."""

import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.errors import RunError
from engine.events import Epoch, Finding
from engine.runs import Run, remedy
from engine.runs.checkpoints import list_checkpoints
from engine.runs.fork import kept_checkpoints
from engine.runs.log import encode_event
from engine.runs.remedy import RemedyPlan, carry_out, plan_remedy, with_code
from engine.storage.weights import load_snapshot, write_snapshot
from tests.engine.runs.workshop import Workshop

RATE = "training.optimizer.lr"


def finding(code: str, remedy: dict[str, Any], **more: Any) -> Finding:
    return Finding(time=1, step=1, code=code, severity="warning", message="m", remedy=remedy, **more)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    monkeypatch.setattr(sys.modules["engine.runs.fork"], "start_worker", lambda run: None)
    return Workshop(tmp_path, monkeypatch, epochs=4, schedule="constant", measure=True)


def half_way(shop: Workshop) -> Run:
    """A run with two of its four epochs completed."""
    shop.run.command("stop")
    options = {"checkpoints.keep": 0}
    shop.work()
    shop.resume(changes={"training.epochs": 2, **options})
    assert shop.work()
    return shop.run


def test_a_learning_rate_is_changed_in_the_running_training(shop: Workshop) -> None:
    shop.works = True
    plan = plan_remedy(shop.run, finding("learning-rate-high", {RATE: 0.002}))
    assert (plan.kind, plan.refused) == ("apply", "")
    assert plan.sentence == f"Changes {shop.run.name} while it trains"
    assert plan.words.endswith("→ 0.002")
    assert carry_out(shop.run, plan) is None
    assert (shop.run.path / "commands.jsonl").read_text() == (
        f'{{"command":"set","key":"{RATE}","value":0.002}}\n'
    )
    shop.works = False
    with pytest.raises(RunError, match="lost: it is not training"):
        carry_out(shop.run, plan)


@pytest.mark.parametrize(
    ("code", "rate", "refused"),
    [
        ("learning-rate-high", 0.02, "the learning rate is 0.02 already"),
        ("learning-rate-high", 0.05, "the learning rate is 0.02 already"),
        ("learning-rate-low", 0.01, "the learning rate is 0.02 already"),
        ("learning-rate-low", 0.1, ""),
    ],
)
def test_a_fix_that_is_already_applied_is_refused(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch, code: str, rate: float, refused: str
) -> None:
    experiment = shop.run.experiment().with_changes({RATE: 1.0})
    monkeypatch.setattr(Run, "experiment", lambda self: experiment)
    shop.works = True
    plan = plan_remedy(shop.run, finding(code, {RATE: rate}))
    assert plan.refused.endswith(refused)
    assert bool(plan.refused) is bool(refused)


def test_a_fix_that_keeps_the_shapes_forks_from_the_newest_weights(shop: Workshop) -> None:
    run = half_way(shop)
    plan = plan_remedy(run, finding("too-short", {"training.epochs": 8}))
    assert (plan.kind, plan.at) == ("fork", 2)
    assert plan.sentence.startswith("Starts a new run from epoch 2")
    name = carry_out(run, plan)
    made = Run.open(str(name), run.path.parent.parent)
    assert made.experiment().training.epochs == 8
    assert (made.status().parent, made.status().parent_epoch) == (run.name, 2)
    assert made.status().measuring


def test_a_training_that_is_nearly_over_is_restarted(shop: Workshop) -> None:
    assert shop.work()
    assert plan_remedy(shop.run, finding("learning-rate-low", {RATE: 0.2})).at == 2
    for _, path in list_checkpoints(shop.run.path)[:-2]:
        path.unlink()
    plan = plan_remedy(shop.run, finding("learning-rate-low", {RATE: 0.2}))
    assert (plan.kind, plan.at) == ("restart", 0)
    assert f"from the initial weights of {shop.run.name}" in plan.sentence
    assert plan.words.endswith("→ 0.2")
    made = Run.open(str(carry_out(shop.run, plan)), shop.run.path.parent.parent)
    assert (made.status().parent_step, made.experiment().training.optimizer.lr) == (0, 0.2)


def test_a_finding_that_damages_weights_forks_from_the_best_ones(shop: Workshop) -> None:
    run = half_way(shop)
    first, second = [event for event in shop.events() if isinstance(event, Epoch)]
    assert first.validation_loss > second.validation_loss
    better = msgspec.structs.replace(first, validation_loss=second.validation_loss / 2)
    log = run.path / "events.jsonl"
    log.write_bytes(log.read_bytes().replace(encode_event(first), encode_event(better)))
    plan = plan_remedy(run, finding("overfitting", {"training.patience": 5}))
    assert (plan.kind, plan.at) == ("fork", 1)
    assert plan.sentence.startswith(f"Starts a new run from epoch 1 (best) of {run.name}")


def test_weights_that_are_not_finite_are_skipped(shop: Workshop) -> None:
    run = half_way(shop)
    for _, path in list_checkpoints(run.path)[-1:]:
        snapshot = load_snapshot(path)
        snapshot.network.theta[0] = np.nan
        write_snapshot(path, snapshot)
    plan = plan_remedy(run, finding("nan", {RATE: 0.002, "training.epochs": 8}))
    assert (plan.kind, plan.at) == ("fork", 1)
    for _, path in list_checkpoints(run.path):
        path.unlink()
    assert plan_remedy(run, finding("nan", {RATE: 0.002})).kind == "restart"


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("zero-init", {"network.layers[0].init": "he_normal"}),
        ("unscaled-input", {"data.scale": "standard"}),
        ("dead-relu", {RATE: 0.001}),
        ("vanishing-gradients", {"network.layers[0].activation": "relu"}),
    ],
)
def test_other_layers_initial_weights_and_data_restart(
    shop: Workshop, code: str, remedy: dict[str, Any]
) -> None:
    run = half_way(shop)
    plan = plan_remedy(run, finding(code, remedy))
    assert (plan.kind, plan.at, plan.refused) == ("restart", 0, "")
    assert Run.open(str(carry_out(run, plan)), run.path.parent.parent).status().parent == run.name


def test_a_fix_that_does_not_fit_is_refused_with_a_reason(shop: Workshop) -> None:
    assert plan_remedy(shop.run, finding("plateau", {})).refused == "plateau has no automatic fix"
    wrong = plan_remedy(shop.run, finding("zero-init", {"network.layers[7].init": "zeros"}))
    assert wrong.refused.startswith("the suggested fix does not fit this run: cannot set network.layers[7]")
    same = plan_remedy(shop.run, finding("too-short", {"training.epochs": 4}))
    assert same.refused == "this run has epochs 4 already"
    with pytest.raises(RunError, match="already"):
        carry_out(shop.run, same)


def test_a_fork_that_is_not_possible_any_more_is_a_run_error(shop: Workshop) -> None:
    plan = RemedyPlan(kind="fork", changes={"training.epochs": 9}, at=3)
    with pytest.raises(RunError, match="no checkpoint"):
        carry_out(shop.run, plan)
    with pytest.raises(RunError, match="nosuch"):
        carry_out(shop.run, RemedyPlan(kind="restart", changes={"nosuch.key": 1}))


def test_a_finding_is_chosen_by_its_code_and_one_with_a_remedy_first() -> None:
    bare, whole = finding("dead-relu", {}, layer="layers.0"), finding("dead-relu", {RATE: 1.0})
    assert with_code([bare, whole], "dead-relu") is whole
    assert with_code([bare], "dead-relu") is bare
    assert with_code([bare, whole], "nan") is None


@pytest.mark.parametrize(
    ("code", "share", "kind"),
    [
        ("overfitting", 0.95, "fork"),
        ("learning-rate-high", 0.5, "fork"),
        ("learning-rate-high", 0.95, "restart"),
    ],
)
def test_weights_no_better_than_the_initial_ones_after_overstepping_are_not_used(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch, code: str, share: float, kind: str
) -> None:
    run = half_way(shop)
    losses = [kept.validation_loss for kept in kept_checkpoints(run) if kept.validation_loss is not None]
    monkeypatch.setattr(remedy, "_first_loss", lambda run: min(losses) / share)
    assert plan_remedy(run, finding(code, {RATE: 0.002, "training.epochs": 8})).kind == kind
