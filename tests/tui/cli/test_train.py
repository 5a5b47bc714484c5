"""`nnterm train` with real workers: its output, its end, Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from engine.runs import Run
from tests.trainings import ENDLESS as EPOCHS
from tests.tui.cli.conftest import Nnterm
from tests.tui.cli.terminal import Terminal
from tests.tui.sentences import NO_RUNS
from tests.waiting import PATIENCE_S, wait_until

NNTERM = (sys.executable, "-m", "tui.cli.main")
MOONS = ("train", "--dataset", "moons", "--layers", "8", "--epochs", "3")
ENDLESS = ("train", "--dataset", "moons", "--layers", "8", "--epochs", str(EPOCHS), "--name", "endless")


def test_json_is_the_events_and_ends_with_the_figures(nnterm: Nnterm, home: Path) -> None:
    result = nnterm(*MOONS, "--json", "--name", "mine")
    assert result.code == 0
    assert result.err == ""
    types = [line["type"] for line in result.lines]
    assert types[0] == "started"
    assert types[-1] == "finished"
    assert types.count("epoch") == 3
    last = result.lines[-1]
    assert last["run"] == "mine"
    assert last["state"] == "finished"
    assert (last["epochs"], last["steps"]) == (3, 87)
    figures = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "test_loss")
    assert all(isinstance(last[name], float) for name in (*figures, "test_accuracy", "seconds"))
    assert Run.open("mine", home).status().state == "finished"


def test_the_same_seed_gives_the_same_bits(nnterm: Nnterm) -> None:
    first, second = (nnterm(*MOONS, "--json", "--seed", "5").lines for _ in range(2))
    losses = [
        [loss for line in lines if line["type"] == "steps" for loss in line["losses"]]
        for lines in (first, second)
    ]
    assert len(losses[0]) == 87
    assert losses[0] == losses[1]
    assert first[-1]["test_loss"] == second[-1]["test_loss"]


def test_a_file_is_trained_with_overrides(nnterm: Nnterm, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('name = "filed"\n[data]\ndataset = "xor"\n[training]\nepochs = 9\nbatch_size = 0\n')
    assert nnterm("train", str(path), "--set", "training.epochs=4", "--lr", "0.5").code == 0
    experiment = Run.open("filed", home).experiment()
    assert experiment.training.epochs == 4
    assert experiment.training.optimizer.lr == 0.5


def test_a_pipe_gets_plain_lines(home: Path) -> None:
    done = subprocess.run([*NNTERM, *MOONS], capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert "\r" not in done.stdout
    lines = done.stdout.splitlines()
    assert lines[0] == "moons-1: moons, 2-8-1, adam 0.01, batch 32, 3 epochs, seed 0"
    assert [line.split()[1] for line in lines[1:4]] == ["1/3", "2/3", "3/3"]
    assert lines[4].startswith("finished after 3 epochs, 87 steps")
    assert lines[-1] == f"run moons-1 in {home}/runs/moons-1"


def test_torch_is_imported_nowhere(home: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.mkdir()
    (trap / "torch.py").write_text(f"open({str(trap / 'sprung')!r}, 'w').close()")
    environment = os.environ | {"PYTHONPATH": str(trap)}
    done = subprocess.run(
        [*NNTERM, *MOONS], env=environment, capture_output=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 0
    assert not (trap / "sprung").exists()
    subprocess.run([sys.executable, "-c", "import torch"], env=environment, check=True)
    assert (trap / "sprung").exists()  # the trap works


def test_divergence_keeps_the_run_and_exits_1(nnterm: Nnterm, home: Path) -> None:
    result = nnterm("train", "--dataset", "sine", "--optimizer", "sgd", "--lr", "1e6", "--name", "wild")
    assert result.code == 1
    assert "diverged" in result.out
    assert Run.open("wild", home).status().state == "diverged"


def test_a_home_that_cannot_be_written_is_bad_input(nnterm: Nnterm, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = nnterm(*MOONS, "--home", str(tmp_path / "file" / "home"))
    assert result.code == 2
    assert "is inside of a file" in result.err
    assert result.out == ""


def test_a_name_that_leaves_the_home_is_refused(nnterm: Nnterm, home: Path) -> None:
    assert nnterm(*MOONS, "--name", "../../escape").code == 2
    assert not list(home.rglob("experiment.toml"))


def test_a_terminal_gets_a_live_display(home: Path) -> None:
    with Terminal([*NNTERM, *ENDLESS]) as terminal:
        terminal.wait_for("steps/s")
        shown = terminal.text
        assert "Ctrl-C saves a checkpoint" in shown
        assert "━" in shown
        assert "\x1b[?25l" in shown  # the cursor is hidden
        terminal.press("\x03")
        assert terminal.wait() == 130
    assert "stopped after" in terminal.text
    assert "\x1b[?25h" in terminal.text  # and shown again
    run = Run.open("endless", home)
    assert run.status().state == "stopped"
    kept = list((run.path / "checkpoints").glob("step-*.safetensors"))
    assert len(kept) > 0


def test_no_color_means_no_colour(home: Path) -> None:
    with Terminal([*NNTERM, *ENDLESS], NO_COLOR="1") as terminal:
        terminal.wait_for("steps/s")
        terminal.press("\x03")
        assert terminal.wait() == 130
    assert "\x1b[36m" not in terminal.text


def test_closing_the_terminal_leaves_the_training_alone(home: Path) -> None:
    with Terminal([*NNTERM, *ENDLESS]) as terminal:
        terminal.wait_for("steps/s")
    run = Run.open("endless", home)
    step = run.status().step
    wait_until(lambda: run.status().step > step)
    run.command("stop")
    wait_until(lambda: run.status().is_over)
    assert run.status().state == "stopped"


def test_sigterm_leaves_the_terminal_in_order(home: Path) -> None:
    with Terminal([*NNTERM, *ENDLESS]) as terminal:
        terminal.wait_for("steps/s")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.wait() == 143
    assert "\x1b[?25h" in terminal.text
    run = Run.open("endless", home)
    assert not run.status().is_over
    run.command("stop")
    wait_until(lambda: run.status().is_over)


def test_a_worker_that_is_killed_is_noticed(home: Path) -> None:
    process = subprocess.Popen([*NNTERM, *ENDLESS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: (home / "runs" / "endless" / "live.safetensors").exists())
    psutil.Process(Run.open("endless", home).status().pid).kill()
    _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert "endless is lost: its worker has gone" in err


def test_a_reader_that_goes_away_does_not_end_the_training(home: Path) -> None:
    process = subprocess.Popen([*NNTERM, *ENDLESS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    run = Run.open("endless", home)
    run.command("set", "training.optimizer.lr", 0.02)  # its line is the next one
    assert process.wait(timeout=PATIENCE_S) == 141
    assert "nnterm attach endless" in process.stderr.read()
    process.stderr.close()
    assert not run.status().is_over
    run.command("stop")
    wait_until(lambda: run.status().is_over)


def test_the_life_of_a_run(nnterm: Nnterm, home: Path) -> None:
    result = nnterm(*ENDLESS, "--detach", "--json")
    assert result.lines == [{"type": "launched", "run": "endless", "path": str(home / "runs" / "endless")}]
    run = Run.open("endless", home)
    wait_until(lambda: run.status().state == "running" and (run.path / "live.safetensors").exists())

    assert nnterm("pause", "endless").out.startswith("endless is paused at step ")
    step = run.status().step
    assert nnterm("pause", "endless").code == 0
    assert "endless: paused" in nnterm("show", "endless").out
    assert nnterm("unpause", "endless").out == f"endless is running at step {step:,}\n"
    assert nnterm("evaluate", "endless").code == 0

    stopped = nnterm("stop", "endless")
    assert (stopped.code, stopped.out.split(" at ")[0]) == (0, "endless is stopped")
    again = nnterm("stop", "endless")
    assert again.code == 2
    assert again.err.startswith("error: endless is not running: it is stopped")

    assert nnterm("attach", "endless").code == 0
    events = nnterm("show", "endless", "--follow", "--json").lines
    assert [line["command"] for line in events if line["type"] == "command"][-1] == "stop"
    assert events[-1]["type"] == "finished"


def test_what_is_known_of_runs(nnterm: Nnterm, home: Path) -> None:
    assert nnterm("runs").out.startswith(NO_RUNS)
    assert nnterm("runs", "--json").out == ""
    for name in ("first", "second"):
        assert nnterm(*MOONS, "--name", name).code == 0
    table = nnterm("runs").out.splitlines()
    assert [row.split()[0] for row in table] == ["run", "second", "first"]
    assert [line["name"] for line in nnterm("runs", "--json").lines] == ["second", "first"]
    shown = nnterm("show", "first").out
    assert "finished after 3 epochs" in shown
    assert "newest checkpoint: checkpoints/step-00000087.safetensors" in shown
    (run,) = nnterm("show", "first", "--json").lines
    assert run["experiment"]["data"]["dataset"] == "moons"
    assert run["state"] == "finished"
    assert json.dumps(run)
    assert nnterm("show", "fisrt").err.splitlines()[1].startswith('hint:  did you mean "first"?')


def test_an_evaluation_shows_classes_and_chance(nnterm: Nnterm) -> None:
    assert nnterm(*MOONS, "--name", "judged").code == 0
    shown = nnterm("evaluate", "judged").out
    assert "baseline (most frequent class): 50.00 %" in shown
    assert "upper" in shown
    (line,) = nnterm("evaluate", "judged", "--json").lines
    assert line["type"] == "evaluation"
    assert line["chance"] == 0.5
    assert [entry["samples"] for entry in line["classes"]] == [125, 125]
    finished = nnterm("show", "judged", "--follow", "--json").lines[-1]
    assert line["test"]["accuracy"] == finished["test_accuracy"]


@pytest.mark.parametrize("command", ["pause", "attach", "evaluate", "stop"])
def test_an_unknown_run_is_bad_input(nnterm: Nnterm, command: str) -> None:
    result = nnterm(command, "nope")
    assert result.code == 2
    assert result.err.startswith('error: there is no run "nope"')
