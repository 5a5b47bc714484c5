"""Keys of the settings: their names, the ids of actions, and an app that obeys them."""

from pathlib import Path

import pytest

from tests.tui.hosts import LARGE, until
from tui.app import NntermApp
from tui.config import Settings, SettingsFile
from tui.config.keys import action_id, unknown_key


@pytest.mark.parametrize(
    "keys", ["f1", "?", "a", "A", "ctrl+a", "space,p", "question_mark", "shift+tab", "+", ",,a".strip(",")]
)
def test_keys(keys: str) -> None:
    assert unknown_key(keys) is None


@pytest.mark.parametrize(
    ("keys", "wrong"), [("f99", "f99"), ("a,", ""), ("hyperspace", "hyperspace"), ("ctl+a", "ctl+a")]
)
def test_what_is_no_key(keys: str, wrong: str) -> None:
    assert unknown_key(keys) == wrong


def test_ids_tell_actions_apart() -> None:
    assert action_id("train", "smooth(1)") == "train.smooth-1"
    assert action_id("train", "smooth(-1)") == "train.smooth-minus-1"
    assert action_id("runs", "toggle_tree") == "runs.toggle-tree"


async def test_the_app_obeys(tmp_path: Path) -> None:
    settings = Settings(keys={"go.build": "f12", "build.open": "ctrl+o"})
    app = NntermApp(tmp_path, settings_file=SettingsFile(settings=settings))
    async with app.run_test(size=LARGE) as pilot:
        await until(pilot, lambda: app.focused is not None)
        await pilot.press("2")
        assert app.current_mode == "data"
        await pilot.press("f12")
        await until(pilot, lambda: app.current_mode == "build" and app.screen.active_bindings)
        keys = {key for key, active in app.screen.active_bindings.items() if active.binding.action == "open"}
        assert keys == {"ctrl+o"}
