"""The options of `nnterm` without a command, and `nnterm config`."""

import json
import sys
from pathlib import Path

import pytest

from tests.tui.cli.terminal import Terminal
from tui.cli.app_options import AppOptions, parse_app_options
from tui.cli.main import main

NNTERM_APP = [sys.executable, "-m", "tui.cli.main"]


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ([], AppOptions()),
        (["--home", "x"], AppOptions(Path("x"))),
        (["--home=x", "--low-bandwidth"], AppOptions(Path("x"), None, True)),
        (["--low-bandwidth", "--theme", "light"], AppOptions(None, "light", True)),
        (["--theme=light"], AppOptions(None, "light")),
        (["--theme"], None),
        (["runs"], None),
        (["--theme", "light", "runs"], None),
        (["--low-bandwidth=1"], None),
        (["--help"], None),
    ],
)
def test_options_alone_open_the_app(arguments: list[str], options: AppOptions | None) -> None:
    assert parse_app_options(arguments) == options


def test_with_a_command_they_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--theme", "light", "runs"]) == 2
    assert "--theme is an option of the app" in capsys.readouterr().err


def test_config_says_where_and_what(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("NNTERM_CONFIG", str(path))
    assert main(["config"]) == 0
    assert f"# {path} (not written yet" in capsys.readouterr().out
    path.write_text("bell = true\n")
    assert main(["config", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["path"], told["exists"], told["settings"]["bell"]) == (str(path), True, True)


def test_a_broken_file_is_named_and_the_app_does_not_open(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('theem = "dark"\n')
    with Terminal([*NNTERM_APP], NNTERM_CONFIG=str(path)) as terminal:
        assert terminal.wait() == 2
    assert "theem is not a known key" in terminal.text
    assert 'did you mean "theme"?' in terminal.text
    assert "Traceback" not in terminal.text


def test_a_theme_that_is_none(tmp_path: Path) -> None:
    with Terminal([*NNTERM_APP, "--theme", "lihgt"], NNTERM_CONFIG=str(tmp_path / "none.toml")) as terminal:
        assert terminal.wait() == 2
    assert 'theme = "lihgt" is not a theme' in terminal.text


def test_the_actions_are_listed_with_their_keys(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("NNTERM_CONFIG", str(path))
    path.write_text('[keys]\nhelp = "f12"\n')
    assert main(["config", "--keys", "--json"]) == 0
    actions = {one["id"]: one for one in map(json.loads, capsys.readouterr().out.splitlines())}
    assert actions["help"]["keys"] == "f12"
    assert {name.partition(".")[0] for name in actions} >= {"go", "build", "train", "runs", "inspect"}


def test_keys_of_an_action_that_does_not_exist(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("NNTERM_CONFIG", str(path))
    path.write_text('[keys]\nhlep = "f12"\n"train.pauze" = "f11"\n')
    assert main(["config"]) == 2
    told = capsys.readouterr().err
    assert "keys.hlep: there is no such action" in told
    assert "keys.train.pauze: there is no such action" in told
    assert 'did you mean "help"?' in told
