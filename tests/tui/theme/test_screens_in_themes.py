"""Every screen in every theme: text can be read, and no more colours are sent than the theme has."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.color import ColorType
from rich.segment import Segment
from textual.pilot import Pilot

from tests.tui.hosts import LARGE, until
from tui.app import NntermApp
from tui.config import Settings, SettingsFile
from tui.theme import THEMES, ColourRange, rgb
from tui.theme.contrast import contrast
from tui.theme.line_filter import _TEXT

MODES = ("data", "build", "train", "gradients", "runs", "devices")


def painted(app: NntermApp) -> Iterator[Segment]:
    """Yield the screen's segments as they are sent."""
    for strip in app.screen._compositor.render_strips():
        yield from strip


def is_open(app: NntermApp, mode: str) -> bool:
    """Return True if a screen is open and, where it can have one, has a focus."""
    return app.current_mode == mode and (app.focused is not None or mode == "train")


async def screens(pilot: Pilot[int], app: NntermApp) -> list[tuple[str, list[Segment]]]:
    """Return the segments of each screen, of the presets, the dialog of a new layer, the help and the palette."""
    seen = []
    for mode in MODES:
        await app.action_switch_mode(mode)
        await until(pilot, lambda mode=mode: is_open(app, mode))  # type: ignore[misc]
        await pilot.pause(0.05)
        seen.append((mode, list(painted(app))))
        if mode == "build":
            for key in "pa":
                depth = len(app.screen_stack)
                await pilot.press(key)
                await pilot.pause(0.05)
                seen.append((f"build {key}", list(painted(app))))
                if len(app.screen_stack) > depth:
                    await pilot.press("escape")
    for key in ("f1", "ctrl+p"):
        await pilot.press(key)
        await pilot.pause(0.05)
        seen.append((key, list(painted(app))))
        await pilot.press("escape")
    return seen


@pytest.mark.parametrize("name", THEMES)
async def test_text_can_be_read_on_what_it_stands_on(tmp_path: Path, name: str) -> None:
    app = NntermApp(tmp_path, settings_file=SettingsFile(settings=Settings(theme=name)))
    look = THEMES[name]
    async with app.run_test(size=LARGE) as pilot:
        assert app.theme == name
        for where, segments in await screens(pilot, app):
            for text, style, _ in segments:
                if style is None:
                    continue
                fore, ground = style.color, style.bgcolor
                if look.palette is ColourRange.RGB:
                    if fore is not None and _TEXT.search(text):
                        back = (
                            ground.triplet if ground and ground.triplet else rgb(look.theme.background or "")
                        )
                        assert contrast(fore.triplet, back) >= look.least, (where, text, style)  # type: ignore[arg-type]
                    continue
                allowed = {ColorType.DEFAULT}
                if look.palette is ColourRange.ANSI:
                    allowed.add(ColorType.STANDARD)
                    if ground and ground.type is ColorType.STANDARD and _TEXT.search(text):
                        assert fore is not None, (where, text, style)
                        assert fore.type is ColorType.STANDARD, (where, text, style)
                assert {one.type for one in (fore, ground) if one} <= allowed, (where, text, style)


@pytest.mark.parametrize("name", ["16-colours", "no-colour"])
async def test_the_cursor_is_seen_without_colours(tmp_path: Path, name: str) -> None:
    app = NntermApp(tmp_path, settings_file=SettingsFile(settings=Settings(theme=name)))
    async with app.run_test(size=LARGE) as pilot:
        await until(pilot, lambda: app.focused is not None)
        await pilot.pause(0.05)
        cursors = [
            text
            for text, style, _ in painted(app)
            if style and (style.reverse or (style.bgcolor and style.bgcolor.type is ColorType.STANDARD))
        ]
        assert any(_TEXT.search(text) for text in cursors)


async def test_a_theme_chosen_in_the_palette_is_shown_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("# mine\nbell = true\n")
    app = NntermApp(tmp_path, settings_file=SettingsFile.load(path))
    async with app.run_test(size=LARGE) as pilot:
        await until(pilot, lambda: app.focused is not None)
        await pilot.press("ctrl+p", *"theme light")
        await until(pilot, lambda: "theme light" in "".join(text for text, _, _ in painted(app)))
        await pilot.pause(0.3)
        await pilot.press("enter")
        await until(pilot, lambda: app.theme == "light")
        await until(pilot, lambda: (255, 255, 255) in grounds(app))
        app.choose_theme("16-colours")
        await until(pilot, lambda: not grounds(app))
    assert path.read_text() == '# mine\nbell = true\ntheme = "16-colours"\n'


def grounds(app: NntermApp) -> set[tuple[int, ...]]:
    """Return the colours, as far as they are not the terminal's own, of the grounds on the screen."""
    styles = [style for _, style, _ in painted(app) if style and style.bgcolor]
    return {tuple(style.bgcolor.triplet) for style in styles if style.bgcolor and style.bgcolor.triplet}
