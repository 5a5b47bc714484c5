"""The commands that need no worker, the help, and the way to the app."""

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.nn.layers import Dense
from engine.training.evaluation import ClassFigures, Evaluation, Figures
from tests.tui.cli.conftest import Nnterm
from tests.tui.cli.terminal import Terminal
from tui.cli.choices import choices
from tui.cli.commands import THEMES
from tui.cli.evaluate import show_evaluation
from tui.cli.registry import COMMANDS, HEADINGS

RELEASED = [
    "train",
    "runs",
    "show",
    "attach",
    "pause",
    "unpause",
    "pace",
    "stop",
    "doctor",
    "resume",
    "fork",
    "replay",
    "compare",
    "rename",
    "rm",
    "evaluate",
    "inspect",
    "check",
    "diagnose",
    "devices",
    "bench",
    "demo",
    "try",
    "data",
]
"""Commands that must not disappear."""
SMALL = ("check", "--dataset", "xor", "--layers", "3", "--activation", "tanh")


def python(script: str) -> str:
    """Return the output of a script in a new process."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_help_lists_every_command(nnterm: Nnterm) -> None:
    result = nnterm("--help")
    assert result.code == 0
    commands = result.out.partition("\nTrain:\n")[2].partition("\nOptions:\n")[0]
    listed = re.findall(r"^  (\w+) ", commands, re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)
    assert set(RELEASED) <= {*COMMANDS}
    headings = re.findall(r"^(\w.*):$", result.out, re.MULTILINE)
    assert headings == ["Examples", "Train", *[*HEADINGS][1:], "Other", "Options"]
    assert "..." not in commands  # no summary is cut off at 80 columns
    assert {*THEMES.split(", ")} == {*choices("themes")}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(nnterm: Nnterm, command: str) -> None:
    result = nnterm(command, "--help")
    assert result.code == 0
    assert result.out.startswith(f"Usage: nnterm {command}")
    assert result.err == ""


def test_version(nnterm: Nnterm) -> None:
    result = nnterm("--version")
    assert result.code == 0
    assert result.out.startswith("nnterm 0.")


def test_help_imports_nothing_heavy() -> None:
    heavy = {"numpy", "rich", "textual", "torch"}
    script = f"import sys; from tui.cli.main import main; main(['--help']); print({heavy} & set(sys.modules))"
    assert python(script).splitlines()[-1] == "set()"


def test_the_way_to_the_app_imports_no_typer() -> None:
    script = (
        "import sys; from tui.cli.main import main; main([]); print({'typer', 'numpy'} & set(sys.modules))"
    )
    assert python(script).splitlines()[-1] == "set()"


@pytest.mark.parametrize(
    ("arguments", "home"),
    [((), None), (("--home", "here"), Path("here")), (("--home=there",), Path("there"))],
)
def test_without_arguments_it_opens_the_app(
    nnterm: Nnterm, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], home: Path | None
) -> None:
    opened: list[Path | None] = []
    app = SimpleNamespace(
        terminal_problem=lambda: "", run_app=lambda home, settings_file: opened.append(home) or 0
    )
    monkeypatch.setitem(sys.modules, "tui.app", app)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert nnterm(*arguments).code == 0
    assert opened == [home]
    app.terminal_problem = lambda: "the terminal is 40x10, the app needs 80x24"
    result = nnterm(*arguments)
    assert (result.code, result.err) == (2, "error: the terminal is 40x10, the app needs 80x24\n")


def test_a_dumb_terminal_is_refused_by_the_app() -> None:
    with Terminal([sys.executable, "-m", "tui.cli.main"], TERM="dumb") as terminal:
        assert terminal.wait() == 2
    assert terminal.text.startswith("error: the app needs a terminal")


def test_a_home_named_first_counts_for_the_command(nnterm: Nnterm, tmp_path: Path) -> None:
    assert f"no runs yet in {tmp_path}/elsewhere" in nnterm("--home", f"{tmp_path}/elsewhere", "runs").out


def test_the_datasets_are_listed(nnterm: Nnterm) -> None:
    names = [line["name"] for line in nnterm("data", "list", "--json").lines]
    assert names[:4] == ["mnist", "and", "or", "xor"]
    table = nnterm("data", "list").out.splitlines()
    assert [row.split()[0] for row in table[1 : len(names) + 1]] == names
    assert nnterm("data").out == nnterm("data", "list").out


def test_a_dataset_is_shown_with_its_balance(nnterm: Nnterm) -> None:
    result = nnterm("data", "show", "moons")
    assert result.code == 0
    assert "1,000 training" in result.out
    (line,) = nnterm("data", "show", "moons", "--json").lines
    assert line["class_counts"] == {"upper": 500, "lower": 500}


def test_gradients_that_agree_exit_0(nnterm: Nnterm) -> None:
    result = nnterm(*SMALL, "--no-torch")
    assert result.code == 0
    assert [row.split()[-1] for row in result.out.splitlines()[1:5]] == ["ok"] * 4
    assert "PASSED: " in result.out
    types = [line["type"] for line in nnterm(*SMALL, "--no-torch", "--json").lines]
    assert types[0] == "check_started"
    assert types[-1] == "check_finished"


def test_a_wrong_sign_exits_1_and_names_the_layer(nnterm: Nnterm, monkeypatch: pytest.MonkeyPatch) -> None:
    backward = Dense.affine_backward

    def wrong(self: Dense, *arguments: object) -> object:
        result = backward(self, *arguments)  # type: ignore[arg-type]
        if self.name == "layers.1":
            self.weight_grad[...] *= -1
        return result

    monkeypatch.setattr(Dense, "affine_backward", wrong)
    result = nnterm(*SMALL, "--no-torch")
    assert result.code == 1
    assert "FAILED: " in result.out
    assert "layers.1" in result.out.partition("FAILED: ")[2]
    last = nnterm(*SMALL, "--no-torch", "--json").lines[-1]
    assert (last["passed"], last["culprit"]) == (False, "layers.1")


def test_the_check_of_a_run_keeps_its_report(nnterm: Nnterm, home: Path) -> None:
    assert nnterm("train", "--dataset", "xor", "--layers", "3", "--epochs", "5", "--name", "r").code == 0
    assert nnterm("check", "--run", "r", "--no-torch").code == 0
    assert [path.name for path in (home / "runs" / "r" / "checks").iterdir()] == ["step-00000005.json"]


def test_an_unknown_device_is_bad_input(nnterm: Nnterm) -> None:
    result = nnterm(*SMALL, "--device", "abacus", "--dtype", "float64")
    assert result.code == 2
    assert "abacus" in result.err


def test_the_benchmark_prints_a_row_a_pair(nnterm: Nnterm) -> None:
    arguments = (
        "bench",
        "--case",
        "xor-sgd",
        "--against",
        "limit",
        "--against",
        "naive",
        "--seconds",
        "0.02",
    )
    rows = nnterm(*arguments, "--json").lines
    assert [(row["type"], row["case"], row["against"]) for row in rows] == [
        ("bench", "xor-sgd", "limit"),
        ("bench", "xor-sgd", "naive"),
    ]
    assert all(row["ratio"] > 0 and row["steps_per_s"] > 0 for row in rows)


def test_the_demo_trains_and_proves(home: Path) -> None:
    script = (
        "import tui.cli.demo as demo; from tui.cli.main import main; "
        "demo.PRESET, demo.EPOCHS = 'xor', 500; print('exit', main(['demo']))"
    )
    out = python(script).splitlines()
    assert out[-1] == "exit 0"
    verdicts = [line for line in out if line.startswith("PASSED: ")]
    assert len(verdicts) == 2
    assert "PyTorch" in verdicts[1]


def test_of_very_many_classes_those_that_are_recognised_least_are_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    classes = tuple(
        ClassFigures(f"c{i}", samples=9, accuracy=1 - i / 200, precision=None) for i in range(120)
    )
    figures = Figures(loss=1.0, accuracy=0.5)
    show_evaluation("many", Evaluation(figures, figures, figures, "test", 0.01, classes))
    lines = capsys.readouterr().out.splitlines()
    shown = [line.split()[0] for line in lines if line.startswith("c1")]
    assert shown[0] == "c119"
    assert not any(line.startswith("c5 ") for line in lines)
    assert lines[-1] == "the 50 of 120 classes with the lowest recall; --json lists all"
