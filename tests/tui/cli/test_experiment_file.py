"""Experiment files of the command line: written by `init`, printed by `show --config`, read from standard input."""

import io
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.experiment.experiment import Experiment
from engine.experiment.toml_reader import LARGEST_FILE
from engine.runs import Run
from tests.tui.cli.conftest import Nnterm

MOONS = 'data.dataset = "moons"\ntraining.epochs = 1\n'

Give = Callable[..., None]


class Stdin:
    """Standard input that holds some bytes, or is a terminal."""

    def __init__(self, content: bytes = b"", is_terminal: bool = False) -> None:
        self.buffer = io.BytesIO(content)
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Give:
    def give(content: bytes = b"", is_terminal: bool = False) -> None:
        monkeypatch.setattr("sys.stdin", Stdin(content, is_terminal))

    return give


def test_a_file_on_standard_input(
    nnterm: Nnterm, home: Path, stdin: Give, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("own.npz", x=np.arange(40.0).reshape(20, 2), y=np.arange(20) % 2)
    stdin(b'data.dataset = "own.npz"\ntraining.epochs = 1')
    assert nnterm("train", "-", "--layers", "3", "--name", "piped").code == 0
    experiment = Run.open("piped", home).experiment()
    assert experiment.data.dataset == str(tmp_path / "own.npz")
    assert experiment.network.outline == "3-1"
    for command in (["check", "-", "--no-torch"], ["diagnose", "-"], ["show", "--config", "-"]):
        stdin(MOONS.encode())
        assert nnterm(*command).code == 0, command


@pytest.mark.parametrize(
    ("content", "is_terminal", "expected"),
    [
        (b"", False, "standard input is empty"),
        (b" \n", False, "standard input is empty"),
        (b"", True, "standard input, which is a terminal"),
        (b"\xff\xfe", False, "not a text file"),
        (b"#" * (LARGEST_FILE + 1), False, "larger than 1,048,576 bytes"),
        (b"x = = 1", False, "standard input: not valid TOML"),
    ],
)
def test_a_wrong_standard_input_is_one_line(
    nnterm: Nnterm,
    home: Path,
    stdin: Give,
    content: bytes,
    is_terminal: bool,
    expected: str,
) -> None:
    stdin(content, is_terminal)
    result = nnterm("train", "-")
    assert result.code == 2
    assert expected in result.err
    assert len(result.err.splitlines()) == 2
    assert not list(home.rglob("experiment.toml"))


def test_init_writes_a_complete_file_once(
    nnterm: Nnterm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert nnterm("init").out.startswith(
        "experiment.toml: mnist, 784-128-64-10; train it with: nnterm train exp"
    )
    assert Experiment.load("experiment.toml") == Experiment.quick("mnist")
    before = Path("experiment.toml").read_text()
    refused = nnterm("init", "experiment.toml", "--dataset", "moons")
    assert (refused.code, refused.err.splitlines()[0]) == (2, "error: experiment.toml exists")
    assert Path("experiment.toml").read_text() == before
    given = ("--dataset", "moons", "--layers", "4", "--lr", "0.3", "--set", "patience=2")
    assert nnterm("init", "experiment.toml", "--force", *given).code == 0
    assert Experiment.load("experiment.toml") == Experiment.quick("moons", [4], lr=0.3, patience=2)
    np.savez("own.npz", x=np.arange(40.0).reshape(20, 2), y=np.arange(20) % 2)
    assert nnterm("init", "own.toml", "--dataset", "own.npz").code == 0
    assert Experiment.load("own.toml") == Experiment.quick("own.npz")
    for wrong in (["."], ["no/x.toml"], ["new.toml", "--dataset", "mnits"], ["new.toml", "--lr", "-1"]):
        assert nnterm("init", *wrong).code == 2, wrong
    assert not Path("new.toml").exists()


def test_init_prints_a_file_with_a_comment_on_every_key(nnterm: Nnterm) -> None:
    shown = nnterm("init", "-", "--dataset", "sine").out
    assert Experiment.from_toml(shown) == Experiment.quick("sine")
    lines = shown.splitlines()
    keys = [i for i, line in enumerate(lines) if "=" in line and line[:1].isalpha()]
    assert len(keys) > 25
    assert all(lines[i - 1].startswith("#") for i in keys)
    assert max(map(len, lines)) <= 110


def test_show_config_is_the_file_of_the_run(nnterm: Nnterm, home: Path, stdin: Give) -> None:
    assert nnterm("train", "--dataset", "moons", "--epochs", "1", "--name", "first").code == 0
    shown = nnterm("show", "--config", "first").out
    experiment = Run.open("first", home).experiment()
    assert Experiment.from_toml(shown) == experiment
    (line,) = nnterm("show", "--config", "first", "--json").lines
    assert line == {"type": "experiment", **tomllib.loads(shown)}
    stdin(shown.encode())
    assert nnterm("train", "-", "--name", "second").code == 0
    assert Run.open("second", home).experiment().training == experiment.training
    assert nnterm("show", "first", "--config", "--follow").code == 2


def test_show_config_completes_a_file(nnterm: Nnterm, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(MOONS)
    assert Experiment.from_toml(nnterm("show", "--config", str(tmp_path / "m.toml")).out) == Experiment.quick(
        "moons", epochs=1
    )


def test_init_says_how_to_train_a_file_with_an_odd_name(
    nnterm: Nnterm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert nnterm("init", "a b.toml").out.endswith("nnterm train 'a b.toml'\n")
    assert nnterm("init", "--", "-x.toml").out.endswith("nnterm train ./-x.toml\n")
    refused = nnterm("init", "moons")
    assert (refused.code, "nnterm init --dataset moons" in refused.err) == (2, True)
    assert nnterm("init", "-", "--json").lines[0]["message"] == "--json is incompatible with -"
