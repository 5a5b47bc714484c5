"""Without PyTorch everything else works, and what needs it says so in one line: the commands, Python, the screens."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.torchless import hide_torch
from tests.tui.hosts import SMALL, make_host, seen, until
from tests.waiting import PATIENCE_S
from tui.devices.screen import DevicesScreen
from tui.draft.tables import complete
from tui.gradients.screen import GradientsScreen

MISSING = "PyTorch is not installed"
REMEDY = "pip install torch"
XOR = "--dataset xor --layers 4"
COMMANDS = {
    f"train {XOR} --epochs 400 --name a": (0, "finished after 400 epochs"),
    f"train {XOR} --backend torch --name b": (2, MISSING),
    f"train {XOR} --backend torch --device cuda --name b": (2, MISSING),
    f"train {XOR} --backend torch --processes 2 --name b": (2, MISSING),
    "fork a --at 5 --set training.backend=torch": (2, MISSING),
    "runs": (0, "a "),
    "show a": (0, "finished"),
    "evaluate a": (0, "true"),
    f"diagnose {XOR} --backend torch": (0, "no findings"),
    "check --run a": (0, MISSING),
    f"check {XOR} --device cuda": (0, MISSING),
    f"check {XOR} --plant sign": (1, MISSING),
    f"check {XOR} --no-torch": (0, "agree with finite differences"),
    f"check {XOR} --explain": (0, "layers.0"),
    f"check {XOR} --steps 3": (2, MISSING),
    "devices": (0, MISSING),
    "devices --json": (0, '"installed":false'),
    "demo": (0, MISSING),
    "bench --case xor-sgd --against torch": (0, "skipped: torch is not installed"),
}
"""Commands, their exit codes, and words of their output."""
PROGRAM = """
import contextlib, io, json, sys
import engine
import tui.cli.demo as demo
from tui.cli.main import main

demo.PRESET, demo.EPOCHS = "xor", 500  # instead of MNIST

def outcome(line):
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        code = main(line.split())
    return code, text.getvalue()

def refused(call):
    try:
        call()
    except engine.NntermError as error:
        return str(error)

outcomes = {line: outcome(line) for line in json.loads(sys.argv[1])}
experiment = engine.Experiment.quick("xor", [4])
data = engine.load_data(experiment.data)
network = engine.Network.of(experiment, data)
on_torch = engine.Experiment.quick("xor", [4], backend="torch")
refusals = [
    refused(lambda: engine.verify_with_torch(network, data.test.x, data.test.y)),
    refused(lambda: engine.check_trajectory(experiment, data)),
    refused(lambda: list(engine.Trainer(on_torch, network, data))),
]
print(json.dumps([outcomes, refusals]))
"""


def test_a_command_works_or_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNTERM_HOME", str(tmp_path))
    hide_torch(monkeypatch, tmp_path)
    command = [sys.executable, "-c", PROGRAM, json.dumps(list(COMMANDS))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr
    outcomes, refusals = json.loads(done.stdout)
    for line, (code, words) in COMMANDS.items():
        given, text = outcomes[line]
        assert (given, words in text, "Traceback" in text) == (code, True, False), f"{line}: {given}\n{text}"
        assert REMEDY in text or words != MISSING, f"{line}\n{text}"
    assert all(MISSING in text and REMEDY in text for text in refusals), refusals
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["a", "xor-1"]  # of the demo


async def test_the_gradients_screen_compares_with_differences_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_torch(monkeypatch, tmp_path)
    draft: dict[str, Any] = complete({"data": {"dataset": "xor"}})
    app = make_host(tmp_path, "gradients", GradientsScreen, draft=draft)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: "agree with finite differences" in seen(app))
        assert f"not compared with PyTorch: {MISSING}; {REMEDY}" in seen(app)


async def test_the_devices_screen_names_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hide_torch(monkeypatch, tmp_path)
    app = make_host(tmp_path, "devices", DevicesScreen)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: MISSING in seen(app))
        assert REMEDY in seen(app)
