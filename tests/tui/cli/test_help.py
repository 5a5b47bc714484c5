"""The help of each command: examples that parse, choices from the registries, 80 columns; version and help."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from engine.nn.activations import ACTIVATIONS
from engine.trials import TRIALS
from tests.toys.activation import Mish
from tests.tui.cli.conftest import Nnterm
from tui.cli.choices import CHOICES, choices
from tui.cli.commands import program
from tui.cli.help_text import examples
from tui.cli.registry import COMMANDS


def commands() -> Iterator[tuple[str, Any]]:
    """Yield each command with its name, and the commands of groups."""
    for name in COMMANDS:
        command = program().commands[name]
        yield name, command
        for inner, one in getattr(command, "commands", {}).items():
            yield f"{name} {inner}", one


ALL = dict(commands())


@pytest.mark.parametrize("name", ALL)
def test_help_has_examples_that_parse_and_fits_80_columns(nnterm: Nnterm, name: str) -> None:
    result = nnterm(*name.split(), "-h")
    assert (result.code, result.err) == (0, "")
    assert "\nExamples:\n" in result.out
    assert all(len(line) <= 80 for line in result.out.splitlines()), result.out
    assert not re.search(r"\{\w+\}|<\w+( range)?>", result.out), "a token or a type is left in the text"
    for line in examples(ALL[name].help):
        line = re.sub(r'^(eval "\$\(|source <\()|\)"?$| \| source$', "", line)
        first, *rest = re.findall(r'"[^"]*"|\S+', line)
        assert first == "nnterm"
        rest = [word.strip('"') for word in rest]
        command, words = program(), rest
        while hasattr(command, "commands") and words:
            command, words = command.commands[words[0]], words[1:]
        command.make_context(name, words, help_option_names=["-h", "--help"])  # raises for a wrong option


def test_choices_are_those_of_the_registries(nnterm: Nnterm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ACTIVATIONS, "mish", Mish)
    text = " ".join(nnterm("train", "--help").out.split())
    assert f"Activation of the hidden layers: {', '.join(ACTIVATIONS)}." in text
    assert "mish" in text
    assert ", ".join(TRIALS) in " ".join(nnterm("try", "--help").out.split())
    assert all(choices(kind) for kind in CHOICES)


def test_defaults_are_shown_once_where_the_dataset_decides(nnterm: Nnterm) -> None:
    text = " ".join(nnterm("train", "--help").out.split())
    assert text.count("Defaults: those of FILE, else what suits the dataset") == 1
    assert "held out for validation. [default: 0.1]" in text
    assert "Precision: float32, float64. [default: float32]" in text
    assert "Learning rate. --momentum" in text  # the dataset's: none is shown


@pytest.mark.parametrize(
    ("command", "without"),
    [
        ("check", ("--epochs", "--patience", "--processes", "--run")),
        ("diagnose", ("--backend", "--processes", "--force", "--run")),
        ("try", ("--patience", "--processes", "--device", "--run")),
    ],
)
def test_options_that_a_command_has_no_use_for_are_hidden_and_taken(
    nnterm: Nnterm, command: str, without: tuple[str, ...]
) -> None:
    text = nnterm(command, "--help").out
    taken = {name for param in ALL[command].params for name in param.opts}
    assert not [name for name in without if f"  {name}" in text]
    assert {*without} <= taken


def test_version_and_help_are_commands_too(nnterm: Nnterm) -> None:
    assert nnterm("-V").out == nnterm("--version").out == nnterm("version").out
    (line,) = nnterm("version", "--json").lines
    assert nnterm("version").out == f"nnterm {line['version']}\n"
    assert nnterm("help").out == nnterm("--help").out
    assert nnterm("help", "data", "show").out == nnterm("data", "show", "--help").out
    assert nnterm("help", "trian").code == 2


def test_arguments_of_the_usage_line_are_plain(nnterm: Nnterm) -> None:
    usages = {name: nnterm(name, "-h").out.splitlines()[0] for name in ("show", "pace", "compare", "help")}
    assert [usage.removeprefix("Usage: nnterm ") for usage in usages.values()] == [
        "show [OPTIONS] RUN",
        "pace [OPTIONS] RUN [STEPS]",
        "compare [OPTIONS] RUN RUN ...",
        "help [OPTIONS] [COMMAND]",
    ]
