"""`check --steps`: faults that two equal sides do not show; a planted bug for each, and sound code beside."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

import engine
from engine.arrays import Array, Labels
from engine.experiment.experiment import Experiment
from engine.nn.layers import BatchNorm, Dropout
from engine.optim.optimizers import OPTIMIZERS, Adam
from engine.torch.library import NoTwinError
from engine.torch.trajectory.events import TrajectoryReport
from engine.torch.trajectory.float32_update import float32_update_fault
from engine.torch.trajectory.sample_order import order_fault
from engine.training.batches import BatchSource

Patch = pytest.MonkeyPatch
LAYERS = '{ units = 5, activation = "linear" }, { type = "batchnorm", activation = "tanh" }, {}'
FILE = """
[data]
dataset = "moons"
samples = 121
[network]
layers = [{layers}]
[training]
epochs = 8
batch_size = {batch}
optimizer = {{ name = "adam", lr = 0.01 }}
schedule = {schedule}
"""


def trained(
    steps: int = 20, layers: str = LAYERS, batch: int = 16, schedule: str = '"constant"'
) -> TrajectoryReport:
    text = FILE.format(layers=layers, batch=batch, schedule=schedule)
    experiment = Experiment.from_toml(text)
    data = engine.load_data(experiment.data)
    return engine.check_trajectory(experiment, data, steps=steps, device="cpu")


# Running statistics


def test_running_statistics_are_compared_and_agree() -> None:
    report = trained(steps=30)
    assert report.passed, report.message
    assert "and the running statistics agree with PyTorch" in report.message
    rows = [report.parameters[f"layers.1.running_{name}"] for name in ("mean", "var")]
    assert all(row.verdict == "ok" and row.relative_difference < 1e-12 for row in rows)


def test_a_last_batch_of_one_sample_leaves_the_statistics_on_both_sides() -> None:
    experiment = Experiment.from_toml(FILE.format(layers=LAYERS, batch=2, schedule='"constant"'))
    n = len(engine.load_data(experiment.data).train)
    batch = next(m for m in range(10, n) if n % m == 1)
    report = trained(steps=3 * (n // batch + 1), batch=batch)
    assert report.passed, report.message


def frozen(after: int, self: BatchNorm, running: Array, latest: Array) -> None:
    self.calls = getattr(self, "calls", 0) + 1  # type: ignore[attr-defined]
    if self.calls <= 2 * after:  # type: ignore[attr-defined]
        running += self.momentum * (latest - running)


def of_larger_batches(self: BatchNorm, running: Array, latest: Array) -> None:
    latest = latest * (15 / 16) if running is self.running_var else latest  # m / (m − 1) of 16 samples undone
    running += self.momentum * (latest - running)


def drifting(self: BatchNorm, running: Array, latest: Array) -> None:
    running += self.momentum * (1.0001 * latest - running)


@pytest.mark.parametrize(
    ("bug", "step"),
    [(partial(frozen, 8), 9), (of_larger_batches, 1), (drifting, 1)],
    ids=["frozen", "m", "drift"],
)
def test_wrong_running_statistics_are_found_at_their_step(
    bug: Callable[[BatchNorm, Array, Array], None], step: int, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(
        BatchNorm, "_update_running", lambda self, running, latest: bug(self, running, latest)
    )
    report = trained()
    assert not report.passed
    departure = report.result.departure
    assert departure is not None
    assert (departure.cause, departure.step) == ("running statistics", step), report.message
    assert "layers.1.running_" in report.result.culprit
    assert "the parameters agree" in report.message


# The order of the samples


def permuted(n: int, seed: int, epoch: int) -> Labels:
    return np.random.default_rng([seed, epoch]).permutation(n)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 20, 60, 5000])
def test_a_sound_order_is_not_accused(n: int) -> None:
    for seed in range(10):
        assert order_fault(partial(permuted, n, seed), partial(permuted, n, seed + 1), n) is None


def nearly(n: int, epoch: int) -> Labels:
    """Shuffle within blocks of 8."""
    return (np.arange(n) + 8 * np.random.default_rng(epoch).random(n)).argsort()


def half(n: int, epoch: int) -> Labels:
    order = np.arange(n)
    np.random.default_rng(epoch).shuffle(order[n // 2 :])
    return order


N = 96
ORDER_BUGS: dict[str, tuple[Callable[[int], Labels], str]] = {
    "none": (lambda epoch: np.arange(N), "never shuffled"),
    "the same": (lambda epoch: permuted(N, 0, 0), "every epoch has the same order"),
    "with replacement": (
        lambda epoch: np.random.default_rng(epoch).integers(0, N, N),
        "not each sample once",
    ),
    "one left out": (lambda epoch: permuted(N - 1, 0, epoch), "1 of 96 are not used"),
    "two in turn": (
        lambda epoch: permuted(N, 0, epoch % 2),
        "epoch 3 takes the samples in the order of epoch 1",
    ),
    "within blocks": (partial(nearly, N), "keeps the order of the data"),
    "half of it": (partial(half, N), "keeps the order of the data"),
}


@pytest.mark.parametrize("bug", ORDER_BUGS)
def test_an_order_that_is_none_is_found(bug: str) -> None:
    orders, words = ORDER_BUGS[bug]
    found = order_fault(orders, partial(permuted, N, 1), N)
    assert found is not None
    assert words in found[1], found


def test_a_wrong_order_fails_the_check(monkeypatch: Patch) -> None:
    monkeypatch.setattr(BatchSource, "_order_of", lambda self, epoch: np.arange(self._n))
    report = trained(steps=3)
    assert not report.passed
    assert report.message == "the samples are never shuffled"
    assert report.result.departure is not None
    assert report.result.departure.cause == "order of samples"


# float32, masks, exceptions, schedules


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_sound_updates_in_float32_are_not_accused(name: str) -> None:
    for lr in (1e-5, 0.01, 1.0):
        assert float32_update_fault(OPTIMIZERS[name](lr=lr, weight_decay=1e-3)) == ""


def test_an_update_that_is_off_in_float32_alone_is_found(monkeypatch: Patch) -> None:
    right = Adam._update_block

    def wrong(
        self: Adam, theta: Array, grad: Array, vectors: list[Array], scratch: Array, n: int, lr: float
    ) -> None:
        right(self, theta, grad, vectors, scratch, n, lr * (1.001 if theta.dtype == np.float32 else 1))

    monkeypatch.setattr(Adam, "_update_block", wrong)
    report = trained(steps=2)
    assert not report.passed
    assert "in float32, in which this experiment trains, the update of adam is off" in report.message


def test_wrong_masks_fail_the_check(monkeypatch: Patch) -> None:
    right = Dropout.mask
    monkeypatch.setattr(Dropout, "mask", lambda self, step, m: np.repeat(right(self, step, 1), m, 0))
    report = trained(steps=2, layers='{ units = 9 }, { type = "dropout" }, {}')
    assert not report.passed
    assert report.result.culprit == "layers.1"


def test_an_exception_in_a_layer_is_named_with_it(monkeypatch: Patch) -> None:
    right, calls = BatchNorm.normal_backward, [0]

    def backward(self: BatchNorm, dz: Array, wants: bool) -> Array | None:
        calls[0] += 1
        if calls[0] > 5:
            raise KeyError("gone")
        return right(self, dz, wants)

    monkeypatch.setattr(BatchNorm, "normal_backward", backward)
    report = trained()
    assert not report.passed
    assert report.result.culprit == "layers.1"
    assert "raised KeyError: 'gone'" in report.message


def test_a_schedule_that_pytorch_cannot_compute_is_refused_in_words() -> None:
    with pytest.raises(NoTwinError, match="PyTorch's OneCycleLR fails for these settings: ZeroDivisionError"):
        trained(steps=4, batch=64, schedule='{ name = "one_cycle", rise = 0.0625 }')  # of 16 steps: 1
