"""The doctor on a training, from real events to findings; and a few cases of the score."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest

from engine.data import load_data
from engine.doctor import Doctor, arrange, diagnose
from engine.doctor.gather import plan_of, start_of
from engine.doctor.live import CourseRecorder, _is_judged
from engine.doctor.live_telemetry import live_telemetry
from engine.doctor.overfit import overfit_batch
from engine.doctor.postmortem import first_bad
from engine.doctor.remedies import is_valid
from engine.doctor.telemetry import Telemetry
from engine.errors import DataError
from engine.events import Finding, Finished, Layers, Steps
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.training.trainer import Trainer
from tests.doctor_data import write_files
from tests.doctor_score import Case, is_fixed, load_cases, report, run_case
from tests.engine.doctor.cases import epochs, experiment, plan, start, watch

FEW = (
    "single-softmax",
    "nan-in-column",
    "raw-units",
    "zeros-tanh",
    "biases-at-minus-three",
    "rate-of-twenty-table",
    "rate-too-low-circles",
    "no-hidden-circles",
    "rows-twice",
)
"""Faulty cases that take a moment each."""
SOUND = ("moons-suggested", "blobs-softmax", "table-adam", "plane-suggested", "and-gate")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data")
    write_files(path)
    return path


def case(name: str) -> Case:
    return next(case for case in load_cases() if case.name == name)


@pytest.mark.parametrize("name", FEW)
def test_faults_are_found_first_and_fixed(name: str, folder: Path) -> None:
    row = run_case(case(name), folder)
    assert row.is_right, row.outcome.findings
    assert row.fixed is not False


@pytest.mark.parametrize("name", SOUND)
def test_healthy_experiments_raise_no_alarm(name: str, folder: Path) -> None:
    assert run_case(case(name), folder).outcome.alarms == []


def test_the_score_can_fail(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sound = run_case(case("and-gate"), folder)
    missed = type(sound)(Case("x", {}, "zero-init", "report"), sound.outcome, None, None)
    assert not report([missed])
    assert "found 0/1" in capsys.readouterr().out
    assert is_fixed("zero-init", sound.outcome, sound.outcome)


def test_xor_without_a_hidden_layer_is_told_so_first() -> None:
    given = Experiment.quick("xor", [], optimizer="sgd", lr=2.0, epochs=300)
    findings = arrange([event for event in watch(given, every=10) if isinstance(event, Finding)])
    assert findings[0].code == "underfitting"
    assert findings[0].message.endswith("there is no hidden layer, and XOR is not linearly separable")
    assert "update-ratio" not in [finding.code for finding in findings]


def test_findings_are_among_the_events_each_once() -> None:
    events = watch(experiment(lr=50.0, optimizer="sgd", activation="tanh"))
    reported = [(event.code, event.layer, event.severity) for event in events if isinstance(event, Finding)]
    assert len(reported) == len(set(reported))
    assert reported[0][0] == "learning-rate-high"  # before the first step
    assert any(isinstance(event, Layers) for event in events)
    end = next(i for i, event in enumerate(events) if isinstance(event, Finished))
    assert all(isinstance(event, Finding) for event in events[end + 1 :])


def test_findings_do_not_depend_on_the_computers_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    given = experiment(lr=20.0, optimizer="sgd", epochs=40)

    monkeypatch.setattr("engine.doctor.telemetry.SPACING_S", 0.0)

    def told(seconds: float) -> list[tuple[str, str | None, str, int]]:
        known, data = plan_of(given)
        assert data is not None
        network = Network(given.network, data.input_shape, given.seed)
        ticks = (seconds * i for i in itertools.count())
        telemetry = Telemetry(network, data, given.training, timer=lambda: next(ticks))
        trainer = Trainer(given, network, data, chunk_s=0.0 if seconds else 0.05)
        events = list(live_telemetry(trainer, Doctor(known, network, data), telemetry))
        extra = sum(not event.planned for event in events if isinstance(event, Layers))
        assert extra <= 1 if seconds else extra > 10, "measured more often, with time to spare"
        found = [event for event in events if isinstance(event, Finding)]
        return [(event.code, event.layer, event.severity, event.step) for event in found]

    assert told(0.0) == told(10.0)


def test_a_thousand_epochs_are_judged_thirty_times() -> None:
    recorded = epochs([0.5] * 1000)
    judged = [event.epoch for event in recorded if _is_judged(event)]
    assert judged[:6] == [1, 2, 3, 4, 5, 7]
    assert 20 < len(judged) < 40
    assert judged[-1] > 700


def test_long_losses_are_kept_in_groups() -> None:
    recorder = CourseRecorder(start())
    for chunk in range(60):
        losses = [float(chunk)] * 1_000
        recorder.add(Steps(time=0, step=1_000 * chunk, losses=losses, seconds=1, epoch=1, learning_rate=0.1))
    course = recorder.course()
    assert course.steps == 60_000
    assert 10_000 < len(course.losses) <= 20_000
    assert course.losses[0] == 0.0
    assert course.losses[-1] == 59.0


def test_every_remedy_makes_another_valid_experiment() -> None:
    given = experiment(lr=50.0, init="zeros", activation="linear", optimizer="sgd")
    known, data = plan_of(given)
    assert data is not None
    network = Network(given.network, data.input_shape)
    findings = [*diagnose(known), *diagnose(start_of(known, network, data))]
    assert {f.code for f in findings} == {"zero-init", "linear-stack", "learning-rate-high"}
    assert all(is_valid(given, f.remedy) for f in findings)
    assert not is_valid(given, {"training.optimizer.lr": -1})
    assert not is_valid(given, {"training.optimizer.lr": 50.0})


def test_evidence_on_data_is_measured_on_what_the_network_sees(folder: Path) -> None:
    def known(name: str, **options: object) -> object:
        raw = {"data": {"dataset": str(folder / f"{name}.npz"), **options}}
        return plan_of(Experiment.from_raw(raw))[0].facts

    assert known("raw-table", scale="none").largest_input > 500
    assert known("raw-table").largest_input == pytest.approx(1, abs=0.01)
    assert known("telling-table").leaking_feature == 8
    assert known("telling-values").leaking_feature == 5
    assert known("table").leaking_share < 0.9
    assert known("repeated-table").shared > 0.5
    assert known("table").shared == 0
    assert known("table").baseline == pytest.approx(math.log(3), abs=1e-3)


def test_a_file_without_values_is_an_error_of_its_own(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.ones((10, 2)), y=np.arange(10) % 2)
    given = Experiment.from_raw({"data": {"dataset": str(tmp_path / "a.npz")}})
    (tmp_path / "a.npz").write_bytes(b"")
    with pytest.raises(DataError, match="empty"):
        plan_of(given)


def test_the_first_bad_tensor_is_found_from_finite_weights() -> None:
    given = experiment("sine", lr=1e6, optimizer="sgd", activation="relu")
    data = load_data(given.data)
    network = Network(given.network, data.input_shape)
    before = network.theta.copy()
    bad = first_bad(network, data, given, 7, 1e30)
    assert bad is not None
    assert bad.step >= 7
    assert np.array_equal(network.theta, before)
    assert first_bad(network, data, given, 0, 1e-6, steps=5) is None


def test_a_batch_is_memorised_unless_nothing_can_be_learned() -> None:
    good, stuck = experiment(lr=0.01, optimizer="adam"), experiment(init="zeros")
    for given, learns in ((good, True), (stuck, False)):
        known, data = plan_of(given)
        assert data is not None
        network = Network(given.network, data.input_shape)
        attempt = overfit_batch(known, network, data)
        assert (attempt.last_loss is not None and attempt.last_loss < 0.1 * attempt.first_loss) is learns


def test_a_plan_counts_its_updates() -> None:
    assert plan(experiment(batch_size=100, epochs=3), train=250).total_steps == 9
    assert plan(experiment(batch_size=0, epochs=3), train=250).total_steps == 3


def test_findings_of_others_count_and_a_symptom_names_its_cause() -> None:
    given = experiment(lr=50.0, optimizer="sgd", activation="linear")
    known, data = plan_of(given)
    assert data is not None

    def doctor() -> Doctor:
        return Doctor(known, Network(given.network, data.input_shape), data)

    assert {finding.code for finding in doctor().before_training()} == {"linear-stack", "learning-rate-high"}
    recorder_doctor = doctor()
    recorder_doctor.record(
        Finding(time=0, step=3, code="learning-rate-high", severity="error", layer="layers.0", message="huge")
    )
    assert {finding.code for finding in recorder_doctor.before_training()} == {"linear-stack"}
    with_new_rate = doctor()
    with_new_rate.set_rate(0.1)
    assert {finding.code for finding in with_new_rate.before_training()} == {"linear-stack"}
    codes = {event.code: event.cause for event in watch(given) if isinstance(event, Finding)}
    assert codes["linear-stack"] == ""
    assert all(cause in codes for cause in codes.values() if cause)
    assert any(codes.values())


@pytest.mark.parametrize(("began", "first", "fault"), [(500, 3.0, None), (0, 0.7, "learning-rate-high")])
def test_a_continued_training_is_compared_with_its_own_first_loss(
    began: int, first: float, fault: str | None
) -> None:
    recorder = CourseRecorder(start())
    losses: list[float | None] = [3.0] * 10 + [0.5] * 190
    recorder.add(Steps(time=0, step=began, losses=losses, seconds=1, epoch=1, learning_rate=0.1))
    course = recorder.course()
    assert (course.began, course.first_loss) == (began, first)
    assert ("learning-rate-high" in [found.code for found in diagnose(course)]) is bool(fault)
