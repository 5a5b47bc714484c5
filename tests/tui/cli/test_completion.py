"""The shell's completion: the words that fit, their quoting, and three real shells."""

import shutil
import sys
from pathlib import Path

import pytest

from engine.experiment.experiment import Experiment
from engine.runs import Run
from tests.tui.cli.conftest import Nnterm
from tests.tui.cli.terminal import Terminal
from tui.cli.completion.answer import complete
from tui.cli.completion.candidates import FILES, FOLDERS
from tui.cli.completion.scripts import BREAKS_VARIABLE, LINE_VARIABLE, SCRIPTS, VARIABLE
from tui.cli.completion.words import split_line
from tui.cli.main import COMPLETION, main
from tui.cli.registry import COMMANDS

ROOT = Path(__file__).parents[3]
BREAKS = "\"'><=;|&(: \t\n"
"""Bash's own characters that break words."""
ODD = ("a b", "$(touch x)", "x'y", 'q"t', "new\nline", "-rf", "semi;colon", "tab\there", "*", "ü")
"""Names of folders that are no names of runs, and that a shell might take for something else."""


@pytest.fixture
def runs(home: Path) -> Path:
    """Return a home with three runs and folders with odd names."""
    for name in ("mnist-1", "mnist-2", "mnist-10", *ODD):
        (home / "runs" / name).mkdir(parents=True)
    return home


def words(line: str) -> list[str]:
    """Return the words that fit at the end of a command line."""
    *before, typed = line.split(" ")
    return [word for word, about in complete(before, typed) if about not in (FILES, FOLDERS)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("tr", ["train", "try"]),
        ("--the", ["--theme"]),
        ("--theme mono", []),
        ("train --act", ["--activation"]),
        ("train --activation lea", ["leaky_relu"]),
        ("train --activation=lea", ["--activation=leaky_relu"]),
        ("train --lr 0.1 --optimizer ada", ["adagrad", "adam", "adamw"]),
        ("train --dataset mo", ["moons"]),
        ("train --dataset moons --data", []),
        ("train --set opt", ["optimizer="]),
        ("train --set training.batch", ["training.batch_size="]),
        ("train --set dtype=", ["dtype=float32", "dtype=float64"]),
        ("train --set activation=lea", ["activation=leaky_relu"]),
        ("train --set network.layers[0].init=orth", ["network.layers[0].init=orthogonal"]),
        ("train --set nonsense.key=", []),
        ("train --set loss.", ["loss.delta="]),
        ("train --set optimizer.mom", ["optimizer.momentum="]),
        ("train --set threads=", ["threads=auto"]),
        ("train --threads a", ["auto"]),
        ("show mnist-1", ["mnist-1", "mnist-10"]),
        ("compare mnist-1 mnist", ["mnist-2", "mnist-10"]),
        ("check mnist-2", ["mnist-2"]),
        ("try over", ["overfit"]),
        ("try overfit mnist-2", ["mnist-2"]),
        ("check --plant s", ["sign"]),
        ("diagnose --explain dead", ["dead-relu"]),
        ("runs --columns name,best_a", ["name,best_acc"]),
        ("runs data", ["dataset="]),
        ("runs state=lo", ["state=lost"]),
        ("bench --against naive,ja", ["naive,jax"]),
        ("fork mnist-1 --at b", ["best"]),
        ("inspect mnist-1 --split val", ["validation"]),
        ("data s", ["show"]),
        ("data show moo", ["moons"]),
        ("help tr", ["train", "try"]),
        ("completion z", ["zsh"]),
        ("nowhere x", []),
        ("data nowhere x", []),
        ("show mnist-1 more", []),
    ],
)
def test_words_that_fit(runs: Path, line: str, expected: list[str]) -> None:
    assert words(line) == expected


def test_paths_are_left_to_the_shell(runs: Path) -> None:
    assert complete(["train"], "ne") == [("ne", FILES)]
    assert complete(["runs", "--home"], "/t") == [("/t", FOLDERS)]
    assert complete(["train"], "--home=/t") == [("/t", FOLDERS)]


def test_files_of_experiments_stand_beside_runs(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("moons.toml", "odd name.toml", "other.txt"):
        (tmp_path / name).touch()
    assert words("check ") == ["mnist-1", "mnist-2", "mnist-10", "moons.toml"]


def test_the_home_before_the_command_counts(runs: Path, tmp_path: Path) -> None:
    assert words(f"--home {tmp_path}/nowhere show mn") == []
    assert words(f"show --home {runs} mnist-2") == ["mnist-2"]


def test_the_trash_is_offered_for_a_restore(nnterm: Nnterm, home: Path) -> None:
    Run.create(Experiment.quick("moons", [4]), home, "gone")
    assert nnterm("rm", "gone", "--yes").code == 0
    assert words("rm --restore go") == ["gone"]


def test_names_that_a_shell_could_misread_are_not_offered(runs: Path) -> None:
    assert words("show ") == ["mnist-1", "mnist-2", "mnist-10"]


def test_every_command_and_option_has_words_or_none_without_an_error(runs: Path) -> None:
    """Every parameter of every command completes; a new kind that is misspelt fails here."""
    from tui.cli.commands import program

    for name in COMMANDS:
        command = program().commands[name]
        for one in (command, *getattr(command, "commands", {}).values()):
            for param in one.params:
                context = one.context_class(one)
                assert isinstance(param.shell_complete(context, ""), list), (name, param.name)


@pytest.mark.parametrize(
    ("line", "before", "text", "replaced"),
    [
        ("nnterm tr", [], "tr", "train"),
        ("nnterm train ", ["train"], "", "--set"),
        ("nnterm train --set lr=0", ["train", "--set"], "lr=0", "0.1"),
        ("nnterm train --optimizer=ad", ["train"], "--optimizer=ad", "adam"),
        ("nnterm train 'a b' x", ["train", "a b"], "x", "x"),
        ('nnterm train --set "lr=0', ["train", "--set"], "lr=0", "lr=0.1"),
        ("nnterm show a\\ b", ["show"], "a b", "a\\ b"),
        ("nnterm train --set network.layers\\[0\\].u", ["train", "--set"], "network.layers[0].u", None),
        ("nnterm train --device cuda:", ["train", "--device"], "cuda:", "1"),
    ],
)
def test_bash_replaces_what_stands_behind_its_last_break(
    line: str, before: list[str], text: str, replaced: str | None
) -> None:
    found, word = split_line(line, BREAKS)
    assert (found, word.text) == (before, text)
    full = {
        "lr=0": "lr=0.1",
        "tr": "train",
        "": "--set",
        "--optimizer=ad": "--optimizer=adam",
        "cuda:": "cuda:1",
    }
    if replaced is None:
        assert word.as_typed("network.layers[0].units=") == "network.layers\\[0\\].units="
    else:
        assert word.as_typed(full.get(text, text)) == replaced


@pytest.mark.parametrize("damage", ["a file", "a broken link", "no such user"])
def test_a_damaged_home_is_silent(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    place = tmp_path / "home"
    place.mkdir()
    if damage == "a file":
        (place / "runs").write_text("no folder")
    elif damage == "a broken link":
        (place / "runs").symlink_to(place / "runs")
    home = {"no such user": "~nobody-of-this-name/x"}.get(damage, str(place))
    monkeypatch.setenv("NNTERM_HOME", home)
    monkeypatch.setenv(VARIABLE, "bash")
    monkeypatch.setenv(LINE_VARIABLE, "nnterm show ")
    monkeypatch.setenv(BREAKS_VARIABLE, BREAKS)
    main([])
    out, err = capsys.readouterr()
    assert (out in ("", ":folders\n"), err) == (True, "")


def test_scripts_are_printed_also_by_the_variable_of_click(
    nnterm: Nnterm, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert COMPLETION == VARIABLE
    for shell, script in SCRIPTS.items():
        assert nnterm("completion", shell).out == script
        with monkeypatch.context() as patched:
            patched.setenv(VARIABLE, f"{shell}_source")
            assert nnterm().out == script
    refused = nnterm("completion", "tcsh")
    assert refused.code == 2
    assert "zsh" in refused.err


STARTS = {
    "bash": (["--norc", "--noprofile", "-i"], 'eval "$(nnterm completion bash)"'),
    "zsh": (["-f", "-i"], "autoload -U compinit; compinit -D -u; source <(nnterm completion zsh)"),
    "fish": (["--no-config", "-i"], "nnterm completion fish | source"),
}
"""The arguments of each shell, and its line from `nnterm completion --help`."""


@pytest.mark.parametrize("shell", STARTS)
def test_a_real_shell_completes(runs: Path, tmp_path: Path, shell: str) -> None:
    """The program is a stand-in that answers the shell as nnterm does, and otherwise prints its arguments."""
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    folder = tmp_path / "bin"
    folder.mkdir()
    stand_in = folder / "nnterm"
    asks = f'if [ -n "${VARIABLE}" ] || [ "$1" = completion ]; then'
    nnterm = f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -m tui.cli.main "$@"'
    stand_in.write_text(f'#!/bin/sh\n{asks}\n{nnterm}\nfi\necho "RAN<$*>"\n')
    stand_in.chmod(0o755)
    (tmp_path / "some folder").mkdir()
    (tmp_path / "some folder" / "mine.toml").touch()
    arguments, start = STARTS[shell]
    place = {
        "PATH": f"{folder}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "NNTERM_HOME": str(runs),
    }
    with Terminal([program, *arguments], columns=200, **place) as terminal:
        terminal.press(f"cd '{tmp_path}'; {start}; echo REA''DY\r")
        terminal.wait_for("READY\r\n")
        for typed, ran in (
            ("nnterm eval\tmnist-2", "evaluate mnist-2"),
            ("nnterm show mnist-10\t--js\t", "show mnist-10 --json"),
            ("nnterm train --set activation=lea\t", "train --set activation=leaky_relu"),
            ("nnterm train --set network.layers[0].uni\t5", "train --set network.layers[0].units=5"),
            ("nnterm train --optimizer=adag\t", "train --optimizer=adagrad"),
            ("nnterm train some\tmi\t", "train some folder/mine.toml"),
        ):
            terminal.press(f"{typed}\r")
            terminal.wait_for(f"RAN<{ran}>")
        terminal.press("exit\r")
        terminal.wait()
