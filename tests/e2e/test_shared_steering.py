"""Several people steer one run at once: each from a process of their own, none in the way of another."""

import subprocess
import sys
from typing import Any

from engine.events import Command
from tests.waiting import PATIENCE_S, wait_until
from tui.follow.reader import RunReader

SENDERS, COMMANDS = 3, 60

STEER = """
import sys
from pathlib import Path
from engine.runs import Run
from tui.follow.reader import RunReader

reader = RunReader(Run(sys.argv[1]))
first = int(sys.argv[2])
gate = Path(sys.argv[4])
gate.with_name(f"ready-{first}").touch()
while not gate.exists():
    pass
for i in range(first, first + int(sys.argv[3])):
    reader.run.command("set", "training.optimizer.lr", i * 1e-6)
    reader.look()
"""
"""Looks and steers as the app does; begins when it is told to, so that all begin together."""


def test_every_command_of_everyone_is_applied_once_and_in_order(stage: Any) -> None:
    run = stage.launch()
    stage.when(run, "running", step=1)
    firsts = [1_000 * (i + 1) for i in range(SENDERS)]
    gate = run.path.parent / "go"
    commands = [[str(run.path), str(first), str(COMMANDS), str(gate)] for first in firsts]
    processes = [subprocess.Popen([sys.executable, "-c", STEER, *arguments]) for arguments in commands]
    wait_until(lambda: len(list(gate.parent.glob("ready-*"))) == SENDERS, "everyone to be ready")
    gate.touch()
    assert [process.wait(PATIENCE_S) for process in processes] == [0] * SENDERS
    run.command("stop")
    status = stage.when(run, "stopped")
    heard = [event for event in run.events() if isinstance(event, Command)]
    assert heard.pop().command == "stop"
    assert not any(event.refused for event in heard)
    asked = [round(event.value * 1e6) for event in heard if isinstance(event.value, float)]
    assert sorted(asked) == [first + i for first in firsts for i in range(COMMANDS)]
    for first in firsts:
        mine = [value for value in asked if first <= value < first + COMMANDS]
        assert mine == sorted(mine)
    assert status.learning_rate == asked[-1] * 1e-6
    assert figures(RunReader(run)) == figures(RunReader(run))


def figures(reader: RunReader) -> tuple[Any, ...]:
    while reader.is_behind or reader.newest is None:
        reader.look()
    newest = reader.newest
    return newest.state, newest.step, newest.learning_rate, [line.text for line in newest.lines]
