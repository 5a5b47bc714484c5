"""Starting and leaving in a separate process and terminal: the modules loaded, and the terminal's state afterwards."""

import io
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.cli.terminal import Terminal
from tui import app

RECORDER = """
import json, sys
from pathlib import Path
from textual.drivers.linux_driver import LinuxDriver

write = LinuxDriver.write

def record(driver, text):
    if "Choose a dataset" in text and not Path(sys.argv[1]).exists():
        Path(sys.argv[1]).write_text(json.dumps(sorted(sys.modules)))
    write(driver, text)

LinuxDriver.write = record
from tui.cli.main import main
sys.exit(main([]))
"""
WITNESS = """
import sys
from pathlib import Path
from tui.app import run_app
code = run_app()
Path(sys.argv[1]).write_text(str("torch" in sys.modules))
sys.exit(code)
"""
LATER = ("numpy", "typer", "torch", "engine.data", "engine.experiment.experiment")
RUN_APP = [sys.executable, "-c", "import sys; from tui.app import run_app; sys.exit(run_app())"]
LEFT = "\x1b[?1049l"
"""Leaves the alternate screen, which restores the user's own lines."""


def test_the_first_paint_needs_neither_numpy_nor_torch(tmp_path: Path) -> None:
    seen = tmp_path / "modules.json"
    with Terminal([sys.executable, "-c", RECORDER, str(seen)], 140, 45) as terminal:
        terminal.wait_for("checkerboard")  # painted later, from the engine
        terminal.press("\x11")
        assert terminal.wait() == 0
    modules = json.loads(seen.read_text())
    assert [name for name in LATER if name in modules] == []


def test_torch_is_never_loaded_on_the_way_to_a_preview(tmp_path: Path) -> None:
    with Terminal([sys.executable, "-c", WITNESS, str(tmp_path / "end")], 140, 45) as terminal:
        terminal.wait_for("checkerboard")
        terminal.press("\x1b[B" * 4)
        terminal.wait_for("upper")
        terminal.press("\x11")
        assert terminal.wait() == 0
    assert (tmp_path / "end").read_text() == "False"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back(number: signal.Signals) -> None:
    with Terminal(RUN_APP) as terminal:
        terminal.wait_for("Gradients")  # the first screen is not complete yet
        assert LEFT not in terminal.text
        terminal.process.send_signal(number)
        assert terminal.wait() == 128 + number, terminal.text
    assert terminal.text.rindex(LEFT) > terminal.text.rindex("\x1b[?1049h")


def test_the_app_ends_with_its_terminal() -> None:
    with Terminal(RUN_APP) as terminal:  # leaving the context closes it and waits for the process
        terminal.wait_for("Gradients")
    assert terminal.process.returncode is not None


def test_without_colour_everything_is_there() -> None:
    with Terminal(RUN_APP, 140, 45, NO_COLOR="1") as terminal:
        terminal.wait_for("checkerboard")
        terminal.press("\x1b[B" * 4)
        terminal.wait_for("◆")
        terminal.press("\x11")
        assert terminal.wait() == 0


class TestTerminalProblem:
    def test_a_pipe(self) -> None:
        command = [sys.executable, "-c", "from tui.app import terminal_problem; print(terminal_problem())"]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True)
        assert "needs a terminal" in done.stdout

    def test_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stand_in(monkeypatch)
        assert app.terminal_problem() is None

    @pytest.mark.parametrize("term", ["dumb", ""])
    def test_a_terminal_that_cannot_move_its_cursor(self, monkeypatch: pytest.MonkeyPatch, term: str) -> None:
        stand_in(monkeypatch, term=term)
        assert "TERM is dumb" in (app.terminal_problem() or "")

    def test_an_encoding_without_the_characters(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stand_in(monkeypatch, encoding="latin-1")
        assert "latin-1" in (app.terminal_problem() or "")


class Tty(io.TextIOWrapper):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def stand_in(monkeypatch: pytest.MonkeyPatch, term: str = "xterm", encoding: str = "utf-8") -> None:
    """Give this process a terminal; called within the test, since pytest replaces the streams before it."""
    monkeypatch.setenv("TERM", term)
    for name in ("stdin", "stderr"):
        monkeypatch.setattr(sys, name, Tty(io.BytesIO(), encoding))
