"""The doctor on the command line: findings during training, on and off, and an applied fix."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from engine.events import Command, Finding
from engine.runs import Run
from tests.trainings import ENDLESS
from tests.tui.cli.conftest import Nnterm
from tests.tui.cli.fakes import started
from tui.cli.event_lines import event_line
from tui.cli.finding_lines import finding_line
from tui.cli.live import LiveDisplay

RATE = "training.optimizer.lr"
MOONS = ("train", "--dataset", "moons", "--layers", "4", "--optimizer", "sgd")


def found(**options: Any) -> Finding:
    fields: dict[str, Any] = {
        "code": "learning-rate-high",
        "severity": "warning",
        "message": "the loss leapt from 1 to 50",
        "remedy": {RATE: 0.01, "network.layers[0].init": "he_normal"},
        "reference": "Bengio 2012",
    }
    return Finding(time=1.0, step=1200, **(fields | options))


def shown(finding: Finding, width: int, colours: bool = False) -> list[str]:
    stream = io.StringIO()
    system: Any = "truecolor" if colours else None
    console = Console(file=stream, width=width, force_terminal=True, color_system=system, highlight=False)
    display = LiveDisplay(console, "r-1")
    display.show(started())
    display.show(finding)
    return stream.getvalue().splitlines()


def test_a_finding_is_a_line_with_its_remedy_as_options() -> None:
    fix = "--set training.optimizer.lr=0.01 --set 'network.layers[0].init=he_normal'"
    sentence = "step 1,200: warning: learning-rate-high: the loss leapt from 1 to 50"
    assert event_line(found()) == f"{sentence}; fix: {fix}"
    assert shown(found(), 140) == [f"▲ {sentence}", f"  fix:      {fix}"]
    remark = found(code="another-device", severity="info", reference="", remedy={})
    assert event_line(remark) == "step 1,200: info: the loss leapt from 1 to 50"


def test_a_symptom_names_only_its_cause() -> None:
    symptom = found(code="update-ratio", layer="layers.1", cause="dead-relu")
    assert finding_line(symptom) == "step 1,200: warning: update-ratio of layers.1, caused by dead-relu"
    assert shown(symptom, 140) == [f"▲ {finding_line(symptom)}"]


def test_in_a_narrow_terminal_the_sentence_wraps_and_the_remedy_can_be_copied() -> None:
    lines = shown(found(), 50)
    assert lines[0].startswith("▲ step 1,200")
    assert lines[1].startswith("  ")
    assert lines[-1].endswith("'network.layers[0].init=he_normal'")  # on one line, however wide


@pytest.mark.parametrize(("severity", "mark", "colour"), [("error", "✗", "31m"), ("warning", "▲", "33m")])
def test_severity_has_a_colour_a_mark_and_a_word(severity: Any, mark: str, colour: str) -> None:
    (line, _) = shown(found(severity=severity), 140, colours=True)
    assert mark in line
    assert f"{severity}: " in line
    assert colour in line


def test_turning_it_on_and_off_is_shown() -> None:
    lines = [event_line(Command(time=1.0, step=5, command="measure", value=on)) for on in (True, False)]
    assert lines == ["step 5: layer stats on", "step 5: layer stats off"]


def test_findings_are_reported_during_training_and_fixed(nnterm: Nnterm, home: Path) -> None:
    trained = nnterm(*MOONS, "--lr", "50", "--epochs", "4", "--name", "hot", "--doctor", "--json")
    kinds = [line["type"] for line in trained.lines]
    assert kinds[:3] == ["started", "finding", "layers"]
    assert kinds[-1] == "finished"
    shown = nnterm("show", "hot")
    assert "fix: --set training.optimizer.lr=" in shown.out
    followed = nnterm("attach", "hot", "--plain")
    assert "causes, explanations and fixes: nnterm diagnose hot" in followed.out
    unknown = nnterm("diagnose", "hot", "--apply", "learning-rate-hihg")
    assert unknown.code == 2
    assert 'did you mean "learning-rate-high"?' in unknown.err
    (fix,) = nnterm("diagnose", "hot", "--apply", "learning-rate-high", "--json").lines
    assert (fix["type"], fix["kind"], fix["run"]) == ("remedy", "restart", "hot-2")
    made = Run.open("hot-2", home)
    assert made.experiment().training.optimizer.lr == fix["changes"][RATE] < 50
    assert made.status().measuring
    assert nnterm("attach", "hot-2", "--plain").code == 0


def test_it_is_turned_on_and_off_in_a_run_that_trains(nnterm: Nnterm, home: Path) -> None:
    assert nnterm(*MOONS, "--epochs", str(ENDLESS), "--name", "long", "--detach").code == 0
    run = Run.open("long", home)
    on = nnterm("doctor", "long")
    assert (on.code, on.out.startswith("long: layer statistics on at step ")) == (0, True)
    assert run.status().measuring
    off = nnterm("doctor", "long", "--off")
    assert (off.code, off.out.startswith("long: layer statistics off at step ")) == (0, True)
    assert nnterm("stop", "long").code == 0
    late = nnterm("doctor", "long")
    assert (late.code, late.out) == (2, "")
    assert "long is not running: it is stopped" in late.err
    assert nnterm("diagnose", "--dataset", "xor", "--apply", "nan").code == 2
