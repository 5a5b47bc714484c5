"""Whole trainings beside PyTorch's: right ones stay equal, with every optimizer, schedule and layer."""

import functools
import json
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec
import numpy as np
import pytest

import engine
from engine.arrays import AnyArray, Array
from engine.data import load_data
from engine.experiment.experiment import Experiment
from engine.gradcheck.events import CheckProgress
from engine.nn.activations import ACTIVATIONS
from engine.nn.initializers import INITIALIZERS
from engine.nn.layers import Dense
from engine.nn.loss import LossScratch
from engine.nn.losses import LOSSES, CrossEntropy
from engine.nn.network import Network
from engine.optim.optimizer import Optimizer, OptimizerState
from engine.optim.optimizers import OPTIMIZERS, Adagrad, Adam, AdamW, Rmsprop, Sgd
from engine.optim.schedule import Schedule, ScheduleProgress, ScheduleState
from engine.optim.schedules import SCHEDULES, Plateau
from engine.torch import library
from engine.torch.library import NoTwinError
from engine.torch.trajectory import TrajectoryReport, check_trajectory, trajectory
from engine.torch.trajectory.drift import TOLERANCE, Drift
from engine.torch.trajectory.events import TrajectoryFinished, TrajectoryRow, TrajectoryStarted
from engine.training import step as updates
from engine.training.batches import BatchSource
from tests.engine.oracles import torch

load = functools.cache(load_data)


def experiment_of(*changes: str, dataset: str = "spirals", **options: object) -> Experiment:
    """Return a small network and 60 samples, batches of 16 with a smaller one at the end of each epoch."""
    settings: dict[str, object] = {"activation": "tanh", "batch_size": 16, "limit": 60, "epochs": 30}
    settings |= {"validation": 0.0, "force": True}
    return Experiment.quick(dataset, layers=[4], **(settings | options), overrides=list(changes))


def checked(experiment: Experiment, steps: int = 100) -> TrajectoryReport:
    return check_trajectory(experiment, load(experiment.data), steps=steps, device="cpu")


def assert_together(report: TrajectoryReport) -> None:
    assert report.passed, report.message
    assert report.result.steps == 100
    for row in report.parameters.values():
        assert row.verdict == "ok", row
        assert row.largest_relative_difference <= TOLERANCE, row


OPTIONS = {
    "sgd": ("momentum=0.9", "nesterov=true"),
    "rmsprop": ("alpha=0.9",),
    "adam": ("beta1=0.8", "beta2=0.99"),
    "adamw": ("eps=1e-6",),
}
"""Options that are off by default."""


def with_optimizer(name: str, *options: str) -> Experiment:
    changes = [f"training.optimizer.name={name}", *(f"training.optimizer.{option}" for option in options)]
    if name == "perceptron":
        return experiment_of(
            *changes, dataset="and", loss="perceptron", batch_size=3, activation="linear", limit=0
        )
    return experiment_of(*changes)


@pytest.mark.parametrize("name", [name for name, kind in OPTIMIZERS.items() if kind.torch_name])
def test_every_optimizer(name: str) -> None:
    assert_together(checked(with_optimizer(name)))


@pytest.mark.parametrize("name", [name for name, kind in OPTIMIZERS.items() if kind.torch_name])
def test_every_optimizer_with_its_options_weight_decay_and_clipping(name: str) -> None:
    experiment = with_optimizer(name, "weight_decay=0.05", *OPTIONS.get(name, ()))
    assert_together(checked(experiment.with_changes({"training.clip_norm": 0.1})))


SCHEDULE_OPTIONS = {
    "step": ("every=3",),
    "plateau": ("patience=1", "threshold=0.05", "gamma=0.5"),
    "cosine": ("final=0.1",),
    "one_cycle": ("rise=0.4", "start=10"),
    "inverse_time": ("decay=0.05",),
}


@pytest.mark.parametrize("warmup", [0, 7])
@pytest.mark.parametrize("name", [name for name, kind in SCHEDULES.items() if kind.torch_name])
def test_every_schedule_with_and_without_warm_up(name: str, warmup: int) -> None:
    changes = [f"training.schedule.{option}" for option in SCHEDULE_OPTIONS.get(name, ())]
    changes.append(f"training.schedule.warmup={warmup}")
    experiment = experiment_of(*changes, schedule=name, optimizer="sgd", validation=0.2)
    report = checked(experiment)
    assert_together(report)
    if name != "constant":
        assert report.result.learning_rate != experiment.training.optimizer.lr  # the training changed it


def test_a_plateau_uses_the_training_loss_without_validation_data() -> None:
    changes = ("training.schedule.patience=0", "training.schedule.threshold=0.2")
    report = checked(experiment_of(*changes, schedule="plateau", optimizer="sgd", lr=0.1))
    assert_together(report)
    assert report.result.learning_rate < 0.01


def test_a_warm_up_of_a_single_step_and_one_longer_than_the_training() -> None:
    for warmup in (1, 1000):
        experiment = experiment_of(f"training.schedule.warmup={warmup}", schedule="cosine", optimizer="sgd")
        assert_together(checked(experiment))


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss(name: str) -> None:
    output = f"network.layers[1].activation={LOSSES[name].link}"
    assert_together(checked(experiment_of(output, loss=name, optimizer="sgd")))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_hidden_and_last(name: str) -> None:
    last = "linear" if name == "step" else name  # behind a step every gradient is 0
    output = f"network.layers[1].activation={last}"
    assert_together(checked(experiment_of(output, activation=name, loss="mse", optimizer="sgd")))


@pytest.mark.parametrize("name", INITIALIZERS)
def test_every_initialiser(name: str) -> None:
    assert_together(checked(experiment_of(init=name, activation="relu", optimizer="sgd")))


def test_a_regression_a_full_batch_and_single_samples() -> None:
    assert_together(checked(experiment_of(dataset="sine")))
    assert_together(checked(experiment_of(batch_size=0)))
    assert_together(checked(experiment_of(batch_size=1)))


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_on_the_accelerator(name: str) -> None:
    if not torch.accelerator.is_available():
        pytest.skip("no GPU here: torch.accelerator finds none, so the trainings ran on the CPU alone")
    experiment = with_optimizer(name)
    assert_together(check_trajectory(experiment, load(experiment.data), steps=100, device="auto"))


def test_three_layers_on_pictures() -> None:
    report = checked(Experiment.quick("mnist", layers=[12, 8], limit=600), steps=20)
    assert report.passed, report.message
    assert list(report.parameters) == [f"layers.{i}.{kind}" for i in range(3) for kind in ("weight", "bias")]


def wrong_bias_correction(patch: pytest.MonkeyPatch) -> None:
    right = Adam.update

    def wrong(self: Adam, theta: Array, grad: Array, state: OptimizerState, *rest: float) -> None:
        state.updates += 1  # the step counts from 2
        right(self, theta, grad, state, *rest)
        state.updates -= 1

    patch.setattr(Adam, "update", wrong)


def changed_option(kind: type[Optimizer], **options: float) -> "Bug":
    """Let the update of `kind` use another option than the requested one."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        right = kind._update_block

        def wrong(self: Optimizer, *arguments: object) -> None:
            right(msgspec.structs.replace(self, **options), *arguments)  # type: ignore[arg-type]

        patch.setattr(kind, "_update_block", wrong)

    return plant


def forgotten_squares(patch: pytest.MonkeyPatch) -> None:
    """Let Adagrad divide by the last gradient alone."""
    right = Adagrad._update_block

    def wrong(self: Adagrad, theta: Array, grad: Array, vectors: list[Array], *rest: object) -> None:
        vectors[0][:] = 0
        right(self, theta, grad, vectors, *rest)  # type: ignore[arg-type]

    patch.setattr(Adagrad, "_update_block", wrong)


def decoupled_decay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Adam, "_decay", AdamW._decay)


def coupled_decay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AdamW, "_decay", Adam._decay)


def forgotten_decay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Optimizer, "_add_weight_decay", lambda self, theta, grad, scratch, scale=1.0: None)


def schedule_off_by_one(patch: pytest.MonkeyPatch) -> None:
    right = Schedule.factor

    def wrong(self: Schedule, progress: ScheduleProgress, state: ScheduleState) -> float:
        return right(self, msgspec.structs.replace(progress, step=progress.step + 1), state)

    patch.setattr(Schedule, "factor", wrong)


def missing_clip(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(updates, "clip_by_norm", lambda grad, max_norm: 0.0)


def clip_each_element(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        updates, "clip_by_norm", lambda grad, max_norm: np.clip(grad, -max_norm, max_norm, out=grad)
    )


def wrong_nesterov(patch: pytest.MonkeyPatch) -> None:
    right = Sgd._update_block

    def wrong(self: Sgd, *arguments: object) -> None:
        right(msgspec.structs.replace(self, nesterov=not self.nesterov), *arguments)  # type: ignore[arg-type]

    patch.setattr(Sgd, "_update_block", wrong)


def wrong_momentum(patch: pytest.MonkeyPatch) -> None:
    right = Sgd._update_block

    def wrong(self: Sgd, theta: Array, grad: Array, vectors: list[Array], *rest: object) -> None:
        grad *= 1 - self.momentum  # damped
        right(self, theta, grad, vectors, *rest)  # type: ignore[arg-type]

    patch.setattr(Sgd, "_update_block", wrong)


def other_order(patch: pytest.MonkeyPatch) -> None:
    """Use the first epoch's order of samples in the second."""
    right = BatchSource.start_epoch
    first: dict[int, AnyArray] = {}

    def wrong(self: BatchSource, epoch: int, records: bool) -> AnyArray:
        order = right(self, epoch, records)
        self._batches.reorder(first.setdefault(len(order), order))
        return order

    patch.setattr(BatchSource, "start_epoch", wrong)


def targets_of_other_samples(patch: pytest.MonkeyPatch) -> None:
    right = BatchSource.take

    def wrong(self: BatchSource, cursor: int) -> tuple[Array, Array]:
        rows, targets = right(self, cursor)
        return rows, np.roll(targets, 1, axis=0)

    patch.setattr(BatchSource, "take", wrong)


def plateau_too_patient(patch: pytest.MonkeyPatch) -> None:
    right = Plateau.after_epoch

    def wrong(self: Plateau, loss: float, state: ScheduleState) -> ScheduleState:
        return right(msgspec.structs.replace(self, patience=self.patience + 1), loss, state)

    patch.setattr(Plateau, "after_epoch", wrong)


def late_gradient_bug(patch: pytest.MonkeyPatch, factor: float = 1.001) -> None:
    """Multiply the first layer's gradient by `factor` from the 31st on."""
    right, calls = Network.backpropagate, Counter[int]()

    def wrong(self: Network, *arguments: object, **options: object) -> object:
        term = right(self, *arguments, **options)  # type: ignore[arg-type]
        calls[id(self)] += 1
        if calls[id(self)] > 30:
            self.layers[0].weight_grad[...] *= factor
        return term

    patch.setattr(Network, "backpropagate", wrong)


def summed_loss(patch: pytest.MonkeyPatch) -> None:
    differentiate, values = CrossEntropy.differentiate, CrossEntropy.values

    def wrong(
        self: CrossEntropy, scores: Array, targets: Array, gradient: Array, scale: float, scratch: LossScratch
    ) -> object:
        return differentiate(self, scores, targets, gradient, scale * len(scores), scratch)

    def wrong_values(self: CrossEntropy, terms: Sequence[tuple[Array, float]]) -> list[float]:
        return [len(term[0]) * value for term, value in zip(terms, values(self, terms), strict=True)]

    patch.setattr(CrossEntropy, "differentiate", wrong)
    patch.setattr(CrossEntropy, "values", wrong_values)


Bug = Callable[[pytest.MonkeyPatch], None]
DECAY, MOMENTUM = "training.optimizer.weight_decay=0.1", "training.optimizer.momentum=0.9"
NESTEROV, WARMUP = "training.optimizer.nesterov=true", "training.schedule.warmup=10"
PATIENCE = ("training.schedule.patience=1", "training.schedule.threshold=0.5")
PLANTED: dict[str, tuple[Bug, dict[str, object], tuple[str, ...], int, str, str]] = {
    # bug, options, changes, the first bad step, the first difference, part of the message
    "adam: bias correction": (
        wrong_bias_correction,
        {"optimizer": "adam"},
        (),
        1,
        "update",
        "the update of adam differs",
    ),
    "adam: decay decoupled": (
        decoupled_decay,
        {"optimizer": "adam"},
        (DECAY,),
        1,
        "update",
        "the update of adam differs",
    ),
    "adamw: decay coupled": (
        coupled_decay,
        {"optimizer": "adamw"},
        (DECAY,),
        1,
        "update",
        "the update of adamw differs",
    ),
    "adam: epsilon too large": (
        changed_option(Adam, eps=1e-4),
        {"optimizer": "adam"},
        (),
        1,
        "update",
        "the update of adam differs",
    ),
    "rmsprop: alpha for 1 - alpha": (
        changed_option(Rmsprop, alpha=0.01),
        {"optimizer": "rmsprop"},
        (),
        1,
        "update",
        "the update of rmsprop differs",
    ),
    "adagrad: squares forgotten": (
        forgotten_squares,
        {"optimizer": "adagrad"},
        (),
        2,  # at the first step there are none
        "update",
        "the update of adagrad differs",
    ),
    "sgd: decay forgotten": (
        forgotten_decay,
        {"optimizer": "sgd"},
        (DECAY, MOMENTUM),
        1,
        "update",
        "weight decay is missing",
    ),
    "schedule: off by one": (
        schedule_off_by_one,
        {"schedule": "cosine"},
        (),
        1,
        "learning rate",
        "cosine schedule",
    ),
    "schedule: an epoch's last step has the next one's rate": (
        schedule_off_by_one,
        {"schedule": "step", "optimizer": "sgd"},
        ("training.schedule.every=2",),
        8,  # 4 steps an epoch
        "learning rate",
        "step schedule gives 0.1",
    ),
    "exponential: off by one": (
        schedule_off_by_one,
        {"schedule": "exponential"},
        (),
        4,
        "learning rate",
        "exponential schedule",
    ),
    "one cycle: off by one": (
        schedule_off_by_one,
        {"schedule": "one_cycle"},
        (),
        1,
        "learning rate",
        "one_cycle schedule",
    ),
    "warm-up: off by one": (schedule_off_by_one, {}, (WARMUP,), 1, "learning rate", "the learning rate is"),
    "plateau: one epoch more": (
        plateau_too_patient,
        {"schedule": "plateau", "optimizer": "sgd"},
        PATIENCE,
        13,  # after 3 epochs of 4 steps: the best, and two without improvement
        "learning rate",
        "plateau schedule gives 0.01",
    ),
    "clip: left out": (
        missing_clip,
        {"clip_norm": 0.01, "optimizer": "sgd"},
        (),
        1,
        "update",
        "clipping to 0.01 is missing",
    ),
    "clip: by value": (
        clip_each_element,
        {"clip_norm": 0.01, "optimizer": "sgd"},
        (),
        1,
        "update",
        "the update of sgd differs",
    ),
    "nesterov: left out": (wrong_nesterov, {"optimizer": "sgd"}, (MOMENTUM, NESTEROV), 1, "update", "0.526"),
    "momentum: looks ahead": (wrong_nesterov, {"optimizer": "sgd"}, (MOMENTUM,), 1, "update", "1.9 times"),
    "momentum: damped": (wrong_momentum, {"optimizer": "sgd"}, (MOMENTUM,), 1, "update", "0.1 times"),
    "samples: the order of epoch 1 again": (other_order, {}, (), 5, "samples", "other samples"),
    "samples: targets of others": (targets_of_other_samples, {}, (), 1, "samples", "other samples"),
    "gradient: wrong from step 31": (
        late_gradient_bug,
        {"optimizer": "sgd"},
        (),
        31,
        "update",
        "the update of sgd differs",
    ),
    "loss: sum for mean": (summed_loss, {"optimizer": "sgd"}, (), 1, "loss", "PyTorch's is"),
}


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_separates_the_trainings_at_the_right_step(
    bug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant, options, changes, step, cause, told = PLANTED[bug]
    experiment = experiment_of(*changes, **options)
    plant(monkeypatch)
    report = checked(experiment, steps=step + 2)
    assert not report.passed
    parted = report.result.departure
    assert parted is not None
    assert (parted.step, parted.cause) == (step, cause), parted
    assert told in parted.message
    assert report.result.culprit == parted.tensor
    row = report.parameters[parted.tensor]
    assert (row.verdict, row.first_bad_step) == ("wrong", step)
    assert f"step {step}" in report.message


def test_a_wrong_gradient_is_distinguished_from_a_wrong_update(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Dense.affine_backward

    def wrong(self: Dense, dz: Array, wants_input_gradient: bool) -> Array | None:
        dx = right(self, dz, wants_input_gradient)
        if self.name == "layers.0":
            self.bias_grad[...] *= -1
        return dx

    monkeypatch.setattr(Dense, "affine_backward", wrong)
    parted = checked(experiment_of(), steps=3).result.departure
    assert parted is not None
    assert (parted.step, parted.tensor, parted.cause) == (1, "layers.0.bias", "gradient")


def test_a_run_that_diverges_is_compared_up_to_there_on_both_sides() -> None:
    output = "network.layers[1].activation=linear"
    report = checked(experiment_of(output, loss="mse", optimizer="sgd", lr=1e3))
    assert report.passed, report.message
    assert 1 <= report.result.steps < 100
    assert "diverged" in report.result.notes[-1]


def test_a_divergence_of_ours_alone_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    right, calls = Network.backpropagate, Counter[int]()

    def wrong(self: Network, *arguments: object, **options: object) -> object:
        calls[id(self)] += 1
        sums, logits = right(self, *arguments, **options)  # type: ignore[arg-type]
        return sums, logits if calls[id(self)] < 6 else np.nan

    monkeypatch.setattr(Network, "backpropagate", wrong)
    report = checked(experiment_of())
    assert not report.passed
    assert report.result.departure is not None
    assert (report.result.departure.step, report.result.departure.cause) == (6, "divergence")


def test_chaos_is_distinguished_from_an_error() -> None:
    """At this learning rate rounding errors grow until the trainings end at different weights, which is not an error."""
    report = checked(experiment_of(optimizer="sgd", lr=20.0), steps=100)
    assert report.passed, report.message
    assert "chaotic" in report.message
    assert report.result.relative_difference > 1e-3
    assert {row.verdict for row in report.parameters.values()} == {"rounding"}
    growth = report.result.growth
    assert [point.step for point in growth] == [1, 2, 5, 10, 20, 50, 100]
    assert growth[0].difference < 1e-14


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "gelu"])
def test_chaos_is_no_false_alarm(activation: str) -> None:
    report = checked(experiment_of(optimizer="sgd", lr=20.0, activation=activation), steps=150)
    assert report.passed, report.message


def test_an_error_is_found_in_chaos_too(monkeypatch: pytest.MonkeyPatch) -> None:
    late_gradient_bug(monkeypatch, -1.0)
    report = checked(experiment_of(optimizer="sgd", lr=20.0), steps=100)
    assert report.result.departure is not None
    assert report.result.departure.step in (31, 32)


def drift_of(*values: tuple[float, float, float]) -> Drift:
    drift = Drift({"w": 1})
    for step, (ours, theirs, perturbed) in enumerate(values, 1):
        drift.add(step, *(np.array([float(value)]) for value in (ours, theirs, perturbed)))
    return drift


def test_a_difference_that_rounding_explains_is_not_wrong() -> None:
    row = drift_of((1 + 1e-8, 1, 1 + 1.01e-8)).tensors["w"]
    assert (row.beyond_tolerance, row.first_bad_step) == (True, None)
    row = drift_of((1, 1, 1), (1 + 1e-8, 1, 1 + 1e-8 + 1e-12), (1 + 1e-7, 1, 1)).tensors["w"]
    assert (row.first_bad_step, row.beyond_tolerance) == (2, True)
    assert drift_of((1 + 9e-10, 1, 1)).tensors["w"].beyond_tolerance is False


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite_never_pass(value: float) -> None:
    assert drift_of((value, 1, 1)).tensors["w"].first_bad_step == 1
    assert drift_of((1, value, 1)).tensors["w"].first_bad_step == 1


def test_the_stream_in_order() -> None:
    experiment = experiment_of()
    events = list(trajectory(experiment, load(experiment.data), steps=30, device="cpu"))
    assert isinstance(events[0], TrajectoryStarted)
    assert (events[0].steps, events[0].batch_size, events[0].steps_per_epoch) == (30, 16, 4)
    progress = [event for event in events if isinstance(event, CheckProgress)]
    assert (progress[0].done, progress[-1].done, progress[-1].total) == (0, 30, 30)
    assert [p.done for p in progress] == sorted(p.done for p in progress)
    rows = [event for event in events if isinstance(event, TrajectoryRow)]
    assert [row.name for row in rows] == [tensor.name for tensor in events[0].parameters]
    assert isinstance(events[-1], TrajectoryFinished)
    types = [json.loads(msgspec.json.encode(event))["type"] for event in events]
    assert types == [
        "trajectory_started",
        *["check_progress"] * len(progress),
        *["trajectory"] * len(rows),
        "trajectory_finished",
    ]


def test_more_steps_than_the_training_has_are_made_and_noted() -> None:
    report = checked(experiment_of(epochs=2), steps=30)
    assert (report.passed, report.result.steps) == (True, 30)
    assert "extended to 8 epochs" in report.result.notes[0]


def test_early_stopping_does_not_end_it() -> None:
    report = checked(experiment_of(patience=1, validation=0.2, lr=0.5, optimizer="sgd"), steps=100)
    assert report.result.steps == 100


def test_a_given_network_is_the_start_and_stays_unchanged() -> None:
    experiment = experiment_of()
    data = load(experiment.data)
    network = Network(experiment.network, data.input_shape, seed=7)
    theta, before = network.theta, network.theta.copy()
    report = engine.check_trajectory(experiment, data, steps=5, network=network, device="cpu")
    assert report.passed
    assert network.theta is theta
    assert (theta == before).all()
    own = engine.check_trajectory(experiment, data, steps=5, device="cpu")
    assert own.parameters["layers.0.weight"].ours != report.parameters["layers.0.weight"].ours


def test_progress_may_cancel_it() -> None:
    def cancel(done: int, planned: int) -> None:
        if done > 3:
            raise KeyboardInterrupt

    experiment = experiment_of()
    threads = torch.get_num_threads()
    with pytest.raises(KeyboardInterrupt):
        check_trajectory(experiment, load(experiment.data), steps=10_000, device="cpu", progress=cancel)
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize("steps", [0, -1])
def test_no_steps_are_refused(steps: int) -> None:
    experiment = experiment_of()
    with pytest.raises(ValueError, match="at least 1"):
        check_trajectory(experiment, load(experiment.data), steps=steps)


def test_without_torch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(library.importlib, "import_module", missing)
    experiment = experiment_of()
    with pytest.raises(NoTwinError, match="not installed") as raised:
        check_trajectory(experiment, load(experiment.data), steps=3)
    assert "pip install torch" in raised.value.hint


def test_an_optimizer_without_a_counterpart_is_reported() -> None:
    from engine.torch.trajectory.optimizers import make_optimizer

    class Lion(Optimizer, frozen=True):
        """θ ← θ − η sign(g)."""

    with pytest.raises(NoTwinError, match='optimizer "lion"'):
        make_optimizer(Lion(), [torch.zeros(1)])


def test_the_perceptrons_rule_by_hand() -> None:
    """w ← w + η (t − step(z)) x, Rosenblatt's form, on one unit."""
    experiment = Experiment.quick("and", layers=[], loss="perceptron", optimizer="perceptron", batch_size=1)
    data = load(experiment.data)
    report = check_trajectory(experiment, data, steps=12, device="cpu")
    assert report.passed, report.message
    network = Network(experiment.network, data.input_shape, experiment.seed, "float64")
    w, b, eta = (
        network.layers[0].weight[0].copy(),
        float(network.layers[0].bias[0]),
        experiment.training.optimizer.lr,
    )
    x, t = data.train.x.astype(np.float64), data.train.y
    for step in range(12):
        epoch, turn = divmod(step, len(t))
        i = np.random.default_rng([experiment.seed, epoch]).permutation(len(t))[turn]
        error = t[i] - (w @ x[i] + b > 0)
        w, b = w + eta * error * x[i], b + eta * error
    row = report.parameters["layers.0.weight"]
    assert row.ours == pytest.approx(w[row.index[1]], rel=1e-9)
    assert report.parameters["layers.0.bias"].ours == pytest.approx(b, rel=1e-9)
