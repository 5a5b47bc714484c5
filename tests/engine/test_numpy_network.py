"""`python -m engine.numpy_network`: trains, evaluates, saves and measures a network without torch or a screen."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine import numpy_network as toolkit
from engine.data import load_data
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.training.evaluation import evaluate_network
from tests.trainings import ENDLESS
from tests.waiting import PATIENCE_S

MOONS = ("train", "--dataset", "moons", "--layers", "8", "--epochs", "3", "--seed", "1")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "engine.numpy_network", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)


def test_a_process_of_its_own_trains_and_warns_of_nothing() -> None:
    done = run(*MOONS)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "moons, 2-8-1, 33 parameters, 900 samples" in done.stdout
    assert [line[:9] for line in done.stdout.splitlines() if line.startswith("epoch")] == [
        "epoch 1/3",
        "epoch 2/3",
        "epoch 3/3",
    ]
    assert "test       loss" in done.stdout
    assert "\x1b" not in done.stdout
    assert "\r" not in done.stdout


def test_neither_torch_nor_a_screen_is_imported() -> None:
    script = (
        "import sys; from engine.numpy_network import main; "
        f"main({list(MOONS)!r}); "
        "print(sorted({'torch', 'rich', 'textual', 'typer'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_saved_weights_evaluate_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "moons.safetensors"
    assert toolkit.main([*MOONS, "--save", str(path)]) == 0
    trained = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("train", "test"))]
    assert toolkit.main(["evaluate", str(path)]) == 0
    judged = capsys.readouterr().out.splitlines()
    assert len(trained) == 2
    assert set(trained) < set(judged)
    assert any(line.startswith("chance") for line in judged)
    assert toolkit.main(["show", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "moons, 2-8-1, 33 parameters in float32" in shown
    assert "layers.1.weight" in shown


@pytest.mark.parametrize("layers", ["", "4", "3,4,5,6"])
def test_any_number_of_layers(layers: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert toolkit.main(["train", "--dataset", "spirals", "--layers", layers, "--epochs", "1"]) == 0
    sizes = "-".join(["2", *layers.split(","), "3"]).replace("--", "-")
    assert f"spirals, {sizes}," in capsys.readouterr().out


def test_the_benchmark_names_both_speeds(capsys: pytest.CaptureFixture[str]) -> None:
    assert toolkit.main(["benchmark", "--dataset", "moons", "--seconds", "0.05"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("training")
    assert lines[2].startswith("matrix products")
    assert lines[2].endswith("%")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "COMMAND"),
        (("trian",), "trian"),
        (("train", "--layers", "8,x"), '"x" is not a whole number'),
        (("train", "--lr", "abc"), "--lr"),
        (("train", "--dataset", "moons", "--lr", "nan"), "finite number"),
        (("train", "--dataset", "mnits"), 'did you mean "mnist"?'),
        (("train", "--dataset", "moons", "--save", "nowhere/at/all.safetensors"), "cannot write"),
        (("evaluate", "nowhere.safetensors"), "nowhere.safetensors"),
        (("show", __file__), "is not a weights file"),
        (("benchmark", "--dataset", "moons", "--seconds", "-1"), "--seconds"),
    ],
)
def test_a_mistake_is_a_line_and_exit_code_2(
    arguments: tuple[str, ...], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert toolkit.main(list(arguments)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert expected in err
    assert len(err.splitlines()) <= 2


def test_a_diverged_training_has_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    wild = ["train", "--dataset", "sine", "--optimizer", "sgd", "--lr", "1e6", "--epochs", "3"]
    assert toolkit.main(wild) == 1
    assert "diverged" in capsys.readouterr().out


def test_ctrl_c_on_a_terminal_ends_the_training_and_saves_the_weights(tmp_path: Path) -> None:
    path = tmp_path / "moons.safetensors"
    command = [
        sys.executable,
        "-m",
        "engine.numpy_network",
        *MOONS[:5],
        "--epochs",
        str(ENDLESS),
        "--save",
        str(path),
    ]
    main_end, worker_end = pty.openpty()
    process = subprocess.Popen(command, stdin=worker_end, stdout=worker_end, stderr=worker_end)
    os.close(worker_end)
    seen = b""
    while b"steps/s" not in seen:
        seen += os.read(main_end, 4096)
    assert b"\r" in seen
    process.send_signal(signal.SIGINT)
    while chunk := read_or_end(main_end):
        seen += chunk
    os.close(main_end)
    assert process.wait(timeout=PATIENCE_S) == 130
    assert b"stopped after" in seen
    assert path.exists()


def read_or_end(descriptor: int) -> bytes:
    """Return the bytes of a pseudo terminal; empty once its other end is closed."""
    try:
        return os.read(descriptor, 4096)
    except OSError:
        return b""


def test_an_evaluation_agrees_with_counting_by_hand() -> None:
    experiment = Experiment.quick("spirals", [8], seed=3)
    data = load_data(experiment.data)
    network = Network(experiment.network, data.input_shape, seed=3)
    evaluation = evaluate_network(network, data)
    guesses = network.forward(data.test.x).argmax(axis=1)
    assert evaluation.judged == "test"
    assert evaluation.test.accuracy == pytest.approx(np.mean(guesses == data.test.y))
    for k, figures in enumerate(evaluation.classes):
        assert figures.samples == np.count_nonzero(data.test.y == k)
        assert figures.accuracy == pytest.approx(np.mean(guesses[data.test.y == k] == k))
        if np.any(guesses == k):
            assert figures.precision == pytest.approx(np.mean(data.test.y[guesses == k] == k))
        else:
            assert figures.precision is None
    assert evaluation.chance == pytest.approx(max(np.bincount(data.test.y)) / len(data.test))


def test_a_regression_has_neither_classes_nor_chance() -> None:
    experiment = Experiment.quick("sine")
    data = load_data(experiment.data)
    evaluation = evaluate_network(Network(experiment.network, data.input_shape), data)
    assert evaluation.classes == ()
    assert evaluation.chance is None
    assert evaluation.test.accuracy is None
    assert evaluation.test.loss is not None
