"""Mistakes of a user: one clear line, exit code 2, no traceback, no run folder."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.tui.cli.conftest import Nnterm
from tests.tui.sentences import LAYER_NEEDS_A_UNIT

MOONS = ("train", "--dataset", "moons")

CHECK = ("check", "--dataset", "moons")

WRONG = {
    "no dataset": (("train",), "--dataset"),
    "unknown dataset": (("train", "--dataset", "mnits"), 'did you mean "mnist"?'),
    "missing data file": (("train", "--dataset", "nowhere/x.npz"), "x.npz"),
    "missing file": (("train", "nowhere.toml"), "nowhere.toml"),
    "layers not numbers": (
        (*MOONS, "--layers", "128,abc"),
        '--layers "128,abc": "abc" is not a whole number',
    ),
    "layers with a gap": ((*MOONS, "--layers", "128,,64"), "is not a whole number"),
    "negative layer": ((*MOONS, "--layers", "-5"), LAYER_NEEDS_A_UNIT),
    "empty layer": ((*MOONS, "--layers", "16,0"), LAYER_NEEDS_A_UNIT),
    "absurd layer": ((*MOONS, "--layers", "9" * 5000), "--layers"),
    "layer beyond memory": ((*MOONS, "--layers", "99999999999,99999999999"), "parameters take"),
    "rate not a number": ((*MOONS, "--lr", "abc"), '--lr = "abc" must be a number'),
    "rate nan": ((*MOONS, "--lr", "nan"), "--lr = nan must be a finite number"),
    "rate inf": ((*MOONS, "--lr", "inf"), "--lr = inf must be a finite number"),
    "negative rate": ((*MOONS, "--lr", "-1"), "--lr = -1.0 must be"),
    "rate zero": ((*MOONS, "--lr", "0"), "--lr = 0.0 must be"),
    "no epochs": ((*MOONS, "--epochs", "0"), "--epochs = 0 must be"),
    "half an epoch": ((*MOONS, "--epochs", "1.5"), '--epochs = "1.5" must be'),
    "negative batch": ((*MOONS, "--batch-size", "-3"), "--batch-size = -3 must be"),
    "negative seed": ((*MOONS, "--seed", "-1"), "--seed = -1 must be"),
    "all held out": ((*MOONS, "--validation", "1"), "--validation = 1.0 must be"),
    "misspelled optimizer": ((*MOONS, "--optimizer", "adm"), '--optimizer = "adm" is not an optimizer'),
    "unknown activation": ((*MOONS, "--activation", "rleu"), '--activation = "rleu" is not an activation'),
    "unknown optimizer": ((*MOONS, "--optimizer", "sdg"), 'did you mean "sgd"?'),
    "momentum of adam": (
        (*MOONS, "--optimizer", "adam", "--momentum", "0.9"),
        "--momentum: adam has no such",
    ),
    "unknown loss": ((*MOONS, "--loss", "l2"), '--loss = "l2" is not a loss'),
    "senseless output": (
        (*MOONS, "--loss", "mse", "--set", "network.layers[2].activation=step"),
        "is incompatible with",
    ),
    "unknown schedule": ((*MOONS, "--schedule", "cosin"), 'did you mean "cosine"?'),
    "unknown dtype": ((*MOONS, "--dtype", "float16"), '--dtype = "float16" is not allowed'),
    "unknown backend": ((*MOONS, "--backend", "tpu"), '--backend = "tpu" is not allowed'),
    "unknown task": ((*MOONS, "--task", "guess"), "--task"),
    "unknown key": ((*MOONS, "--set", "training.epocs=3"), 'did you mean "epochs"?'),
    "set without value": ((*MOONS, "--set", "training.epochs"), "expected KEY=VALUE"),
    "unknown option": ((*MOONS, "--epoch", "3"), "--epoch"),
    "option without value": (("train", "--dataset"), "--dataset requires an argument"),
    "bytes in no encoding": ((*MOONS, "--name", "a\udcffb"), "is not valid UTF-8"),
    "unknown command": (("trian",), "train"),
    "too many arguments": (("show", "one", "extra"), "extra"),
    "no run named": (("show",), "RUN"),
    "unknown dataset to show": (("data", "show", "mnits"), 'did you mean "mnist"?'),
    "check of nothing": (("check",), "--dataset"),
    "check with a run and a file": (
        ("check", "--run", "r", "--layers", "3"),
        "--layers is incompatible with a run",
    ),
    "layers with spaces": ((*MOONS, "--layers", "128", "64"), "write them with commas: --layers 128,64"),
    "layers with a comma and a space": ((*MOONS, "--layers=128,", "64"), "--layers 128,64"),
    "set with spaces": (
        (*MOONS, "--set", "lr=1", "epochs=3"),
        "repeat the option: --set lr=1 --set epochs=3",
    ),
    "columns with spaces": (("runs", "--columns", "name", "lr"), "--columns name,lr"),
    "rivals with spaces": (("bench", "--against", "torch", "jax"), "--against torch,jax"),
    "unknown split": (("inspect", "r", "--split", "tset"), 'did you mean "test"?'),
    "samples below their range": ((*CHECK, "--samples", "0"), '--samples = "0" must be at least 1'),
    "steps of a range": ((*CHECK, "--burn-in", "2000000"), "must be from 0 to 1000000"),
    "half a sample": ((*CHECK, "--samples", "1.5"), "must be a whole number"),
    "pace in words": (("pace", "r", "fast"), 'STEPS = "fast" must be a number'),
    "unknown column": (("runs", "--columns", "nmae"), 'did you mean "name"'),
    "unknown bug": (("check", "--dataset", "xor", "--plant", "sgin"), 'did you mean "sign"?'),
    "near command": (("trian",), 'did you mean "train"?'),
    "unknown command of a group": (("data", "lst"), 'did you mean "list"?'),
    "near option": ((*MOONS, "--epoch", "3"), "did you mean --epochs?"),
    "unknown bench case": (("bench", "--case", "mnsit"), "mnsit"),
    "unknown rival": (("bench", "--against", "keras"), "keras"),
}


@pytest.mark.parametrize(("arguments", "expected"), WRONG.values(), ids=WRONG.keys())
def test_one_clear_line(nnterm: Nnterm, home: Path, arguments: tuple[str, ...], expected: str) -> None:
    result = nnterm(*arguments)
    assert result.code == 2
    assert result.out == ""
    errors = [line for line in result.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, result.err
    assert expected in result.err
    assert "Traceback" not in result.err
    assert not re.search(r"Value error|Input should|Invalid value|No such (option|command)|type=", result.err)
    assert all(line.startswith(("error: ", "hint:  ")) for line in result.err.splitlines())
    assert not home.exists() or not list(home.rglob("experiment.toml"))


def test_all_mistakes_are_reported_at_once(nnterm: Nnterm) -> None:
    result = nnterm(*MOONS, "--lr", "-1", "--epochs", "0", "--activation", "rleu")
    assert result.code == 2
    assert len([line for line in result.err.splitlines() if line.startswith("error: ")]) == 3


def test_each_mistake_keeps_its_hint_and_a_wrong_dataset_is_one_of_them(nnterm: Nnterm) -> None:
    wrong = (
        "--dataset",
        "mnits",
        "--activation",
        "rleu",
        "--epochs",
        "0",
        "--layers",
        "3,x",
        "--set",
        "epocs=3",
    )
    lines = nnterm("train", *wrong).err.splitlines()
    assert [line[:6] for line in lines].count("error:") == 5
    for message, hint in (
        ('"mnits" is not a dataset', 'did you mean "mnist"?'),
        ('--activation = "rleu"', 'did you mean "relu"?'),
        ('"x" is not a whole number', "--layers 128,64"),
        ('"epocs" is not a known setting', "did you mean epochs"),
    ):
        place = next(i for i, line in enumerate(lines) if message in line)
        assert hint in lines[place + 1]
    (record,) = nnterm("train", *wrong, "--json").lines
    assert {problem["key"] for problem in record["problems"]} >= {"data.dataset", "training.epochs"}
    assert all(set(problem) == {"key", "message", "hint"} for problem in record["problems"])
    assert record["message"].count("\n") == 4


def test_with_json_stdout_holds_json_alone(nnterm: Nnterm) -> None:
    result = nnterm(*MOONS, "--lr", "nan", "--json")
    assert result.code == 2
    assert [line["type"] for line in result.lines] == ["error"]
    assert "--lr" in result.lines[0]["message"]
    (single,) = nnterm("show", "nobody", "--json").lines
    assert single["problems"] == [{"key": "", "message": single["message"], "hint": single["hint"]}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("this is not toml [", "not valid TOML"),
        ('[training]\nepochs = "many"\n[data]\ndataset = "moons"\n', "training.epochs"),
        ('[network]\nlayers = [{ units = -1 }]\n[data]\ndataset = "moons"\n', "network.layers[0].units"),
        ("[data]\ndataset = 3\n", "data.dataset"),
        ("\x00\x01", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_named(nnterm: Nnterm, tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    result = nnterm("train", str(path))
    assert result.code == 2
    assert f"error: {path}: " in result.err
    assert expected in result.err


def test_nan_in_ones_own_data_is_found_before_a_run_is_made(
    nnterm: Nnterm, home: Path, tmp_path: Path
) -> None:
    x = np.zeros((20, 2), np.float32)
    x[3, 1] = np.nan
    np.savez(tmp_path / "own.npz", x=x, y=np.arange(20) % 2)
    result = nnterm("train", "--dataset", str(tmp_path / "own.npz"))
    assert result.code == 2
    assert "NaN" in result.err
    assert not list(home.rglob("experiment.toml"))


def test_the_app_needs_a_terminal(nnterm: Nnterm, monkeypatch: pytest.MonkeyPatch) -> None:
    result = nnterm()
    assert result.code == 2
    assert result.err.startswith("error: the app needs a terminal")
    assert nnterm("--home", "somewhere").code == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("arguments", [("--help",), ("runs",), ("data", "list", "--json")])
def test_a_full_disk_under_the_output_is_a_line(home: Path, arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "tui.cli.main", *arguments]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "error: cannot write the output: No space left on device\n"
