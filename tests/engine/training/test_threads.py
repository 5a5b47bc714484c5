"""Several threads: the same bits for the same number, a number chosen by a trial that changes nothing."""

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import engine
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.team import Team
from engine.training import threads
from engine.training.threads import FEW_ROUNDS, TRIAL_SHARE, choose_threads
from engine.training.trainer import Trainer
from tests.engine.teamwork import give_cores, share_small_computations

LAYERS = [
    {"type": "dense", "units": 24, "activation": "tanh"},
    {"type": "batchnorm"},
    {"type": "dropout", "rate": 0.2},
    {"type": "dense", "units": 40, "activation": "relu"},
    {"type": "dense"},
]


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    share_small_computations(monkeypatch)


def make(**options: Any) -> Trainer:
    overrides = ["data.samples=150", *options.pop("overrides", [])]
    given = {"optimizer": "adam", "epochs": 2, "batch_size": 40} | options
    raw = Experiment.quick("moons", [4], overrides=overrides, **given).to_raw()
    raw["network"]["layers"] = LAYERS
    experiment = Experiment.from_raw(raw)
    data = engine.load_data(experiment.data)
    return Trainer(experiment, Network.of(experiment, data), data, chunk_s=0.0)


def trained(**options: Any) -> Trainer:
    trainer = make(**options)
    for _ in trainer:
        pass
    return trainer


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
def test_the_same_number_of_threads_gives_the_same_bits(
    optimizer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [trained(threads=n, optimizer=optimizer, lr=0.01) for n in (3, 3, 1)]
    give_cores(monkeypatch, 1)
    runs.append(trained(threads=3, optimizer=optimizer, lr=0.01))
    first, again, alone, on_one_core = (run.network.state for run in runs)
    assert first.tobytes() == again.tobytes() == on_one_core.tobytes()
    np.testing.assert_allclose(alone, first, rtol=1e-2, atol=1e-4)
    assert [run.backend.facts.threads for run in runs] == [3, 3, 1, 3]


def test_a_training_goes_on_with_the_same_bits() -> None:
    whole, first, then = trained(threads=3), make(threads=3), make(threads=3)
    for _ in first:
        if first.position.step == 5:
            break
    then.restore(first.network.state, first.position, first.optimizer_state.copy(), first.learning_rate)
    for _ in then:
        pass
    assert then.network.state.tobytes() == whole.network.state.tobytes()


def test_a_network_is_copied_while_threads_share_it() -> None:
    network, team = make().network, Team(3)
    with team.at_work():
        network.share_with(team)
        x, y = np.ones((9, 2)), np.zeros(9, int)
        network.loss_and_gradient(x, y)
        twins = [copy.deepcopy(network), pickle.loads(pickle.dumps(network)), network.copy()]
    for twin in twins:
        assert (twin.team, twin.layers[0].team) == (None, None)
        assert twin.state.tobytes() == network.state.tobytes()
    np.testing.assert_allclose(twins[0].forward(x), network.forward(x), rtol=1e-5)


def test_the_trial_changes_nothing_of_the_training() -> None:
    plain, tried = make(), make()
    trial = tried.backend.thread_trial()
    assert trial is None  # the network is small
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threads, "LARGE_FLOPS", 0)
        trial = tried.backend.thread_trial()
    assert trial is not None
    before = tried.network.state.tobytes(), tried.network.grad.tobytes()
    for number in (1, 3, 2):
        assert trial(number) > 0
    assert before == (tried.network.state.tobytes(), tried.network.grad.tobytes())
    assert tried.optimizer_state.updates == 0
    for trainer in (plain, tried):
        for _ in trainer:
            pass
    assert plain.network.state.tobytes() == tried.network.state.tobytes()


def test_auto_trains_with_the_number_that_the_trial_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []

    def choose(make_trial: Any, cores: int, steps: int) -> int:
        seen.append((cores, steps))
        return 2

    monkeypatch.setattr(threads, "choose_threads", choose)
    auto, kept, fixed = make(), make(), make(threads=3)
    auto.settle_threads()
    auto.settle_threads()  # once
    kept.settle_threads(recorded=1)
    fixed.settle_threads(recorded=1)
    assert [one.backend.facts.threads for one in (auto, kept, fixed)] == [2, 1, 3]
    assert seen == [(3, auto.total_steps)]
    for _ in auto:
        pass
    assert auto.network.state.tobytes() == trained(threads=2).network.state.tobytes()
    assert auto.network.team is None


class Timings:
    """Durations of updates by their number of threads, with outliers at given calls."""

    def __init__(self, seconds: dict[int, float], outliers: dict[int, float]) -> None:
        self.seconds, self.outliers, self.calls = seconds, outliers, list[int]()

    def __call__(self, number: int) -> float:
        self.calls.append(number)
        return self.outliers.get(len(self.calls), self.seconds[number])


@pytest.mark.parametrize(
    ("seconds", "cores", "expected", "outliers"),
    [
        ({1: 8.0, 2: 4.0, 4: 2.0, 8: 1.0}, 8, 8, {}),
        ({1: 0.8, 2: 0.4, 4: 0.35, 8: 0.1}, 8, 2, {}),  # 4 threads win too little: 8 are not tried
        ({1: 0.8, 2: 0.7}, 2, 1, {}),  # 14 %
        ({1: 0.8, 2: 0.6}, 2, 2, {}),
        ({1: 0.8, 2: 0.4, 4: 0.2, 6: 0.1}, 6, 6, {}),
        ({1: 0.8, 2: 0.4, 3: 0.38}, 3, 2, {}),
        ({1: 0.8, 2: 1.6}, 2, 1, {}),
        ({1: 0.08, 2: 0.04}, 2, 2, {4: 0.9}),
        ({1: 0.08, 2: 0.08}, 2, 1, {3: 0.9}),
        ({1: 0.004, 2: 0.002}, 2, 2, {4: 0.4, 6: 0.4, 8: 0.4, 10: 0.4}),
        ({1: 0.004, 2: 0.004}, 2, 1, {3: 0.9, 5: 0.9}),
    ],
)
def test_more_threads_are_taken_where_they_win_clearly(
    seconds: dict[int, float], cores: int, expected: int, outliers: dict[int, float]
) -> None:
    timings = Timings(seconds, outliers)
    assert choose_threads(lambda: timings, cores, 10_000) == expected


def test_a_trial_is_short() -> None:
    slow = Timings({1: 60.0, 2: 30.0, 4: 15.0}, {})
    assert choose_threads(lambda: slow, 4, 10_000) == 4
    assert len(slow.calls) == 8  # a single comparison each, after both have warmed up
    long = Timings({1: 0.4, 2: 0.2}, {})
    choose_threads(lambda: long, 2, 10_000)
    assert len(long.calls) <= 2 + 2 * FEW_ROUNDS
    for steps in (100, 1_000):
        short = Timings({1: 0.004, 2: 0.002, 4: 0.001}, {})
        choose_threads(lambda short=short: short, 4, steps)
        assert len(short.calls) <= steps * TRIAL_SHARE


@pytest.mark.parametrize(("cores", "steps"), [(1, 10_000), (8, int(1 / TRIAL_SHARE)), (8, 0)])
def test_where_a_trial_cannot_pay_there_is_none(cores: int, steps: int) -> None:
    def trial() -> Timings:
        raise AssertionError("no trial was to be made")

    assert choose_threads(trial, cores, steps) == 1


def test_a_network_too_small_for_a_trial_has_one_thread() -> None:
    assert choose_threads(lambda: None, 8, 10_000) == 1
