"""The settings: defaults, problems, and changes that keep the file's comments."""

import os
from pathlib import Path

import pytest

from engine.errors import NntermError
from tui.config import Settings, SettingsError, SettingsFile, settings_path


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return path


def test_without_a_file_all_is_default(tmp_path: Path) -> None:
    assert SettingsFile.load(tmp_path / "none.toml").settings == Settings()


def test_the_path_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNTERM_CONFIG", str(tmp_path / "mine.toml"))
    assert settings_path() == tmp_path / "mine.toml"
    monkeypatch.delenv("NNTERM_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert settings_path().name == "config.toml"


def test_all_settings(tmp_path: Path) -> None:
    text = """
theme = "high-contrast"
columns = ["name", "state"]
frames_per_second = 4
bell = true
low_bandwidth = true
[keys]
help = "f1,?"
"train.pause" = "ctrl+space"
"""
    settings = SettingsFile.load(written(tmp_path, text)).settings
    assert settings == Settings(
        theme="high-contrast",
        columns=("name", "state"),
        frames_per_second=4,
        bell=True,
        low_bandwidth=True,
        keys={"help": "f1,?", "train.pause": "ctrl+space"},
    )
    assert settings.frame_s == 0.5


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('theem = "dark"', "theem is not a known key", 'did you mean "theme"?'),
        ('theme = "drak"', 'theme = "drak" is not a theme', 'did you mean "dark"?'),
        ("theme = 3", "theme = 3 is not a theme", "known: dark"),
        ("frames_per_second = 0", "frames_per_second = 0 must be a whole number from 1 to 60", ""),
        ("frames_per_second = 2.5", "frames_per_second = 2.5 must be", ""),
        ('bell = "yes"', 'bell = "yes" must be true or false', ""),
        ('columns = "name"', 'columns = "name" must be a list', ""),
        ("[keys]\nhelp = 3", 'keys = {"help":3} must be a table of keys', ""),
        ('[keys]\nhelp = "f99"', 'keys.help = "f99": "f99" is not a key', "write keys as in"),
        ('[keys]\nhelp = ""', 'keys.help = "": "" is not a key', ""),
        ("theme = ", "is not valid TOML", "correct that line"),
        ('theme = "dark"\ntheme = "light"', "is not valid TOML", ""),
        ('"\\u001b[31m" = 1', "\\x1b[31m is not a known key", ""),
        ("day = 2020-01-01", "day is not a known key", ""),
        ("bell = 2020-01-01", 'bell = "2020-01-01" must be', ""),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, message: str, hint: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        SettingsFile.load(path)
    assert message in caught.value.message
    assert caught.value.message.startswith(f"{path}: ")
    assert hint in caught.value.hint
    assert caught.value.exit_code == 2


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        SettingsFile.load(written(tmp_path, 'bell = 1\ntheme = "x"\nfoo = 1'))
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 1_000_001])
def test_a_file_that_is_no_text_of_ours(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(NntermError):
        SettingsFile.load(path)


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(NntermError, match="cannot be read"):
        SettingsFile.load(tmp_path)


def test_a_change_keeps_comments_and_other_lines(tmp_path: Path) -> None:
    path = written(tmp_path, '# mine\ntheme = "dark"  # at night\n\n[keys]\nhelp = "f1"\n')
    kept = SettingsFile.load(path)
    kept.change(theme="light", columns=("name", "state"))
    text = path.read_text()
    assert text.startswith('# mine\ntheme = "light"  # at night\n')
    assert kept.settings == SettingsFile.load(path).settings
    assert kept.settings.columns == ("name", "state")
    assert kept.settings.keys == {"help": "f1"}


def test_the_file_and_its_folder_are_made(tmp_path: Path) -> None:
    kept = SettingsFile.load(tmp_path / "new" / "config.toml")
    kept.change(bell=True)
    assert (tmp_path / "new" / "config.toml").read_text() == "bell = true\n"


def test_a_file_that_was_broken_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = written(tmp_path, "bell = true\n")
    kept = SettingsFile.load(path)
    path.write_text("bell = tru\n")
    with pytest.raises(SettingsError):
        kept.change(theme="light")
    assert path.read_text() == "bell = tru\n"
    assert kept.settings.theme == "auto"


def test_a_wrong_change_is_refused(tmp_path: Path) -> None:
    kept = SettingsFile.load(written(tmp_path, "bell = true\n"))
    with pytest.raises(SettingsError):
        kept.change(frames_per_second=0)
    assert kept.settings.frames_per_second == 8


def test_an_option_is_not_written(tmp_path: Path) -> None:
    path = written(tmp_path, "bell = true\n")
    kept = SettingsFile.load(path)
    kept.override(theme="light", low_bandwidth=True)
    assert kept.settings.theme == "light"
    kept.change(bell=False)
    assert path.read_text() == "bell = false\n"


def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    path = written(tmp_path, "bell = true\n")
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    SettingsFile.load(link).change(bell=False)
    assert link.is_symlink()
    assert path.read_text() == "bell = false\n"


def test_settings_that_are_kept_nowhere_can_be_changed() -> None:
    kept = SettingsFile()
    kept.change(theme="light")
    assert kept.settings.theme == "light"


@pytest.mark.parametrize("content", ["a." * 30_000 + "b=1", "x = " + "[" * 100_000, "#" * (2 << 20)])
def test_a_file_that_would_take_for_ever_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.toml").write_text(content)
    with pytest.raises(NntermError):
        SettingsFile.load(tmp_path / "config.toml")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.toml")
    with pytest.raises(NntermError, match="it is a pipe"):
        SettingsFile.load(tmp_path / "config.toml")
