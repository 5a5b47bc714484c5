"""The doctor and the measurements in a worker: on request, each finding once, without effect on the training."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.events import AnyEvent, Command, Epoch, Finding, Finished, Layers, Resumed, Steps
from engine.runs.diagnosis import diagnose_run
from engine.runs.digest import MOST_LAYERS, Digest
from engine.runs.history import read_history
from engine.runs.replay import Replay, Replayed
from engine.runs.status import read_status
from tests.engine.runs.test_session import Stage, ask, nothing
from tests.engine.runs.workshop import Workshop, same_training

LAYERS = (
    'network.layers=[{units=6, activation="relu"}, {type="batchnorm"}, {type="dropout", rate=0.3}, {units=1}]'
)
KINDS: dict[str, dict[str, Any]] = {
    "momentum": {"optimizer": "sgd", "momentum": 0.9, "clip_norm": 1.0},
    "dropout and batchnorm": {"optimizer": "adam", "overrides": ["data.samples=200", LAYERS]},
}
HIGH: dict[str, Any] = {"optimizer": "sgd", "lr": 50.0, "activation": "tanh", "epochs": 30}


def findings_in(events: list[AnyEvent]) -> list[tuple[str, str | None, str]]:
    return [(event.code, event.layer, event.severity) for event in events if isinstance(event, Finding)]


def measured(events: list[AnyEvent]) -> list[int]:
    return [event.step for event in events if isinstance(event, Layers)]


def losses(events: list[AnyEvent]) -> list[float | None]:
    return [loss for event in events if isinstance(event, Steps) for loss in event.losses]


@pytest.mark.parametrize("kind", KINDS)
def test_no_bit_depends_on_measuring(tmp_path: Path, kind: str) -> None:
    on, off = ask("measure", None, True), ask("measure", None, False)
    scripts = {
        "plain": [ask("resume")],
        "on": [on, ask("step"), nothing, ask("step"), nothing, ask("resume")],
        "toggled": [ask("step"), on, ask("step"), off, ask("step"), off, on, ask("resume")],
    }
    ends = {}
    for name, script in scripts.items():
        stage = Stage(tmp_path, script, **KINDS[kind])
        stage.run.command("pause")
        events = stage.train()
        assert bool(measured(events)) is (name != "plain")
        vectors = [vector.tobytes() for vector in stage.trainer.optimizer_state.vectors.values()]
        ends[name] = [stage.trainer.network.state.tobytes(), vectors, losses(events)]
    assert ends["on"] == ends["plain"]
    assert ends["toggled"] == ends["plain"]


def test_it_is_turned_on_and_off_between_two_updates(tmp_path: Path) -> None:
    states: list[bool] = []

    def look(run: Any) -> None:
        stage.recorder.publish()
        states.append(read_status(run.path).measuring)

    on, off = ask("measure", None, True), ask("measure", None, False)
    stage = Stage(tmp_path, [ask("step"), look, on, look, ask("step"), off, look, ask("step"), ask("resume")])
    stage.run.command("pause")
    events = stage.train()
    commands = [(e.step, e.value) for e in events if isinstance(e, Command) and e.command == "measure"]
    assert commands == [(1, True), (2, False)]
    assert measured(events) == [1, 2]  # at once, and after the single step
    assert states == [False, True, False]
    assert not stage.run.status().measuring


def test_nothing_is_loaded_unless_requested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runs.monitor.Monitor._start", lambda self: pytest.fail("nobody asked"))
    events = Stage(tmp_path).train()
    assert not measured(events)
    assert not findings_in(events)


def test_findings_come_as_they_arise_each_once_and_finished_is_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Workshop(tmp_path, monkeypatch, measure=True, **HIGH)
    assert shop.work()
    events = shop.events()
    assert measured(events)[:5] == [0, 10, 20, 40, 80]
    found = findings_in(events)
    assert len(found) == len(set(found))
    assert found[0][0] == "learning-rate-high"
    first = next(i for i, event in enumerate(events) if isinstance(event, Finding))
    assert first < next(i for i, event in enumerate(events) if isinstance(event, Steps))
    assert isinstance(events[-1], Finished)
    assert isinstance(events[-2], Finding)
    assert shop.run.status().state == "finished"


def test_a_divergence_is_reported_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for lr in (1e6, 1e38):  # huge, and NaN
        shop = Workshop(tmp_path, monkeypatch, measure=True, optimizer="sgd", lr=lr, activation="relu")
        assert shop.work()
        events = shop.events()
        assert shop.run.status().state == "diverged"
        (report,) = [event for event in events if isinstance(event, Finding) and "phase" in event.evidence]
        codes = [code for code, _, severity in findings_in(events) if severity == "error"]
        assert codes.count(report.code) == 1
        assert codes.count("nan") <= 1
        diagnosed = [finding for finding in diagnose_run(shop.run) if finding.code == report.code]
        assert [finding.severity for finding in diagnosed].count("error") == 1
        assert isinstance(events[-1], Finished)


@pytest.mark.parametrize("dies_at", [13, 60, 95])
def test_a_resumed_run_repeats_no_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    reference = Workshop(tmp_path, monkeypatch, **HIGH)
    assert reference.work()
    shop = Workshop(tmp_path, monkeypatch, measure=True, **HIGH)
    assert not shop.work(dies_at=dies_at)
    shop.to_the_end()
    assert shop.run.status().measuring
    events = shop.events()
    found = findings_in(events)
    assert found
    assert len(found) == len(set(found))
    assert measured(events).count(0) == 1
    assert same_training(shop.last(), reference.last())
    *_, verdict = Replay(shop.run).events()
    assert isinstance(verdict, Replayed)
    assert verdict.same


def test_findings_on_the_end_are_rolled_back_by_a_resume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Workshop(tmp_path, monkeypatch, measure=True, **(HIGH | {"lr": 0.1}))
    assert shop.work()
    before = findings_in(shop.events())
    assert "too-long" in {code for code, _, _ in before}
    shop.resume(changes={"training.epochs": 32}, lr=0.05)
    assert shop.work()
    events = shop.events()
    after = findings_in(events)
    (resumed,) = [i for i, event in enumerate(events) if isinstance(event, Resumed)]
    assert not isinstance(events[resumed - 1], Finding)
    assert any(isinstance(event, Finding) for event in events[resumed:])
    assert len(after) == len(set(after))
    assert [type(event) for event in events].count(Finished) == 1
    assert [event.epoch for event in events if isinstance(event, Epoch)] == list(range(1, 33))


def test_the_doctor_judges_the_learning_rate_as_last_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"optimizer": "sgd", "activation": "relu", "epochs": 60, "schedule": "constant", "lr": 1e-4}
    shop = Workshop(tmp_path, monkeypatch, measure=True, **options)
    shop.run.command("set", "training.optimizer.lr", 20.0)
    assert shop.work()
    found = [event for event in shop.events() if isinstance(event, Finding)]
    high = next(finding for finding in found if finding.code == "learning-rate-high")
    assert "learning rate of 20" in high.message
    assert high.remedy["training.optimizer.lr"] > 1e-3


@pytest.mark.parametrize(
    "broken", ["engine.doctor.live.diagnose", "engine.doctor.telemetry.Telemetry.measure"]
)
def test_a_failing_doctor_does_not_affect_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, broken: str
) -> None:
    reference = Workshop(tmp_path, monkeypatch, lr=0.5)
    assert reference.work()

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(broken, fail)
    shop = Workshop(tmp_path, monkeypatch, measure=True, lr=0.5)
    assert shop.work()
    events = shop.events()
    (remark,) = [event for event in events if isinstance(event, Finding) and event.code == "doctor-failed"]
    assert "ZeroDivisionError: planted" in remark.message
    assert "test_monitor.py" in capsys.readouterr().err
    assert same_training(shop.last(), reference.last())
    assert measured(events)[:1] == ([0] if broken.endswith("diagnose") else [])


def test_a_rule_that_fails_ends_the_doctor_but_not_the_measurements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.doctor.diagnosis import diagnose
    from engine.doctor.evidence import Course

    def fail(evidence: Any, **options: Any) -> list[Finding]:
        if isinstance(evidence, Course):
            raise IndexError("planted")
        return diagnose(evidence, **options)

    monkeypatch.setattr("engine.doctor.live.diagnose", fail)
    shop = Workshop(tmp_path, monkeypatch, measure=True, **HIGH)
    assert shop.work()
    codes = [code for code, _, _ in findings_in(shop.events())]
    assert codes.count("doctor-failed") == 1
    assert measured(shop.events())[:5] == [0, 10, 20, 40, 80]
    assert shop.run.status().measuring


def test_a_disk_error_is_not_a_failure_of_the_doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Workshop(tmp_path, monkeypatch, measure=True, **HIGH)
    record = sys.modules["engine.runs.recorder"].Recorder.record

    def refuse(recorder: Any, event: Any) -> None:
        if isinstance(event, Layers):
            raise OSError(28, "No space left on device")
        record(recorder, event)

    monkeypatch.setattr("engine.runs.recorder.Recorder.record", refuse)
    shop.work()
    status = shop.run.status()
    assert (status.state, "No space left" in status.message) == ("failed", True)


def test_a_digest_keeps_few_measurements_and_the_steps_between_them() -> None:
    brief = Digest()
    for i in range(1200):
        brief.add(Steps(time=0, step=4 * i, losses=[1.0] * 4, seconds=1, epoch=1, learning_rate=0.1))
        brief.add(
            Layers(time=0, step=4 * i + 4, layers=[], loss=1, loss_after=1, learning_rate=0.1, seconds=0)
        )
    events = brief.events()
    kept = [event.step for event in events if isinstance(event, Layers)]
    assert MOST_LAYERS // 2 <= len(kept) <= MOST_LAYERS
    assert kept[0] == 4
    assert sum(event.count for event in events if isinstance(event, Steps)) == 4800


def test_the_past_of_a_measured_run_is_read_as_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Workshop(tmp_path, monkeypatch, measure=True, **HIGH)
    shop.run.command("measure", value=True)
    assert shop.work()
    history = read_history(shop.run.path)
    assert history.changes == []
    assert isinstance(history.ending, Finished)
    assert np.isfinite(shop.run.network().theta).all()
