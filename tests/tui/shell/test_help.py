"""The help lists our words alone, on every screen, whatever has the focus."""

from pathlib import Path

import pytest
from textual.binding import Binding
from textual.dom import DOMNode
from textual.widgets import DataTable, Input, OptionList

from tests.tui.fake_runs import FakeRun
from tests.tui.hosts import seen, until
from tui.actions import PALETTE_SCREENS, SCREENS, TopScreen
from tui.app import NntermApp
from tui.shell.active_actions import all_actions, moves
from tui.shell.help import HelpScreen

TOOLKIT = {
    binding.description.casefold()
    for cls in (DataTable, OptionList, Input, NntermApp.__mro__[2], DOMNode)
    for binding in Binding.make_bindings(vars(cls).get("BINDINGS", ()))
    if " " in binding.description
}
"""Descriptions that Textual gives its own keys, such as "Cursor up"."""


@pytest.mark.parametrize("screen", [*SCREENS, *PALETTE_SCREENS], ids=lambda screen: screen.mode)
async def test_no_words_of_the_toolkit_wherever_the_focus_is(tmp_path: Path, screen: TopScreen) -> None:
    FakeRun(tmp_path).begin()
    app = NntermApp(tmp_path)
    app.session.run = "xor-1"
    async with app.run_test(size=(140, 45)) as pilot:
        await app.action_switch_mode(screen.mode)
        await until(pilot, lambda: app.current_mode == screen.mode and app.screen.is_attached)
        await pilot.pause(0.2)
        for widget in (None, *app.screen.focus_chain):
            app.screen.set_focus(widget)
            await pilot.pause()
            texts = [action.text for action in all_actions(app.screen)] + [
                text for _, text in moves(app.screen)
            ]
            assert texts
            assert {text for text in texts if text.casefold() in TOOLKIT} == set()
            assert [text for text, count in ((text, texts.count(text)) for text in texts) if count > 3] == []
            keys = [key for action in all_actions(app.screen) for key in action.keys]
            assert "super+c" not in " ".join(keys)
            assert [key for key in keys if " " in key] == [], "each key by itself, not a pair such as ← →"


async def test_moves_are_one_line_and_a_list_needs_none_of_its_own(tmp_path: Path) -> None:
    app = NntermApp(tmp_path)
    async with app.run_test(size=(140, 45)) as pilot:
        await app.action_switch_mode("devices")
        await until(pilot, lambda: app.focused is not None)
        rows = dict(moves(app.screen))
        move = next(keys for keys, text in rows.items() if text == "move the cursor or scroll")
        assert "↑ ↓" in move
        assert "j k" in move


async def test_search_filters_keys_and_all_terms(tmp_path: Path) -> None:
    app = NntermApp(tmp_path)
    async with app.run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: "spirals" in seen(app))
        await pilot.press("question_mark")
        await until(pilot, lambda: "This screen" in seen(app) or "This panel" in seen(app))
        await pilot.press("slash", *"update ratio")
        await until(pilot, lambda: "Glossary" in seen(app) and "update ratio" in seen(app))
        assert "Everywhere" not in seen(app)
        await pilot.press("escape")
        await until(pilot, lambda: "Everywhere" in seen(app))
        await pilot.press("slash", *"zebra")
        await until(pilot, lambda: "Nothing found." in seen(app))
        await pilot.press("escape", "q")
        assert not isinstance(app.screen, HelpScreen)
        assert not app._exit
