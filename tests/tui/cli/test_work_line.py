"""The line on stderr that says what a command does while it is silent; its clock is held."""

import sys

import pytest

from tests.tui.cli.conftest import Nnterm
from tui.cli import output
from tui.cli.work_line import ERASE, WorkLine


class Held:
    """A clock and a stream for a work line."""

    def __init__(self, columns: int | None) -> None:
        self.now, self.words = 0.0, "measuring"
        self.written = ""
        width = None if columns is None else lambda: columns
        self.line = WorkLine(self.write, lambda: self.words, width, lambda: self.now)

    def write(self, text: str) -> None:
        self.written += text

    def at(self, seconds: float) -> str:
        """Return what is written at this time."""
        self.now, self.written = seconds, ""
        self.line.tick()
        return self.written


def test_a_quick_command_shows_nothing() -> None:
    held = Held(80)
    assert held.at(0.5) == ""
    held.line.hide()
    assert held.written == ""


def test_on_a_terminal_the_line_is_redrawn_in_its_width_and_taken_away() -> None:
    held = Held(20)
    assert held.at(1.2) == f"{ERASE}measuring ... 1 s"
    held.words = "xor-sgd against scikit-learn"
    assert held.at(2.0) == f"{ERASE}xor-sgd against sci"
    held.line.hide()
    assert held.written.endswith(ERASE)


def test_in_a_pipe_there_are_ever_fewer_lines() -> None:
    held = Held(None)
    assert held.at(5.0) == ""
    said = [second for second in range(1, 3600) if held.at(float(second))]
    assert said == [10, 20, 40, 80, 160, 320, 640, 1280, 2560]
    assert "\x1b" not in held.at(5120.0)


def test_output_takes_the_line_away_first(capsys: pytest.CaptureFixture[str]) -> None:
    written: list[str] = []
    work = WorkLine(written.append, lambda: "measuring", lambda: 80, lambda: 0.0)
    work._next = -1.0
    output._work_lines.append(work)
    try:
        work.tick()
        output.line("a row")
    finally:
        output._work_lines.remove(work)
    assert written[-1] == ERASE
    assert capsys.readouterr().out == "a row\n"


@pytest.mark.parametrize("terminal_only", [True, False])
def test_json_in_a_pipe_has_no_such_line(terminal_only: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    with output.working("measuring", terminal_only):
        assert bool(output._work_lines) is not terminal_only
    assert output._work_lines == []


def test_an_interrupt_ends_the_line_and_the_command(nnterm: Nnterm, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        assert output._work_lines
        raise KeyboardInterrupt

    monkeypatch.setattr("engine.bench.run_bench", interrupted)
    monkeypatch.setattr("engine.doctor.report.diagnose_experiment", interrupted)
    monkeypatch.setattr("engine.devices.survey.survey", interrupted)
    monkeypatch.setattr("engine.data.preview", interrupted)
    for command in ("diagnose --dataset xor", "devices", "data show xor"):
        assert nnterm(*command.split()).code == output.ExitCode.INTERRUPTED
        assert output._work_lines == []
