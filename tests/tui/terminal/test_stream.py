"""The stream of changes: a terminal that reads it shows what one shows that reads all that Textual sends."""

import random
from typing import Any

import pyte
import pytest
from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tui.terminal.stream import ScreenStream

WORDS = [
    "loss",
    "0.1043",
    "━━━━",
    "⣀⠤⠒",
    "█▌",
    "数字",
    "漢",
    "é",
    "é",
    "👩‍🔬",
    "🇬🇷",
    "✅",
    " ",
    "    ",
    "a\x1b[31mb",
    "‮abc",
    "ｆｕｌｌ",
    "\t",
]
STYLES = [
    "",
    "bold",
    "dim",
    "#56b4e9",
    "on #222222",
    "bold #e69f00 on #121212",
    "reverse",
    "underline",
    "italic red",
    "color(80) on color(9)",
    "strike",
]


class Emulated:
    """An emulated terminal, and how its cells look."""

    def __init__(self, width: int, height: int) -> None:
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.Stream(self.screen)
        self.feed("\x1b[?7l")

    def feed(self, text: str) -> None:
        self._stream.feed(text)

    def cells(self) -> list[list[tuple[Any, ...]]]:
        """Return each row's cells: character and look, without the colour of blanks."""
        return [
            [_cell(self.screen.buffer[y][x]) for x in range(self.screen.columns)]
            for y in range(self.screen.lines)
        ]


def _cell(cell: Any) -> tuple[Any, ...]:
    if cell.data == " " and not (cell.underscore or cell.reverse or cell.strikethrough):
        return " ", cell.bg
    return tuple(cell)


class Scribble(Widget):
    """Random text, drawn anew row by row."""

    DEFAULT_CSS = "Scribble { width: 1fr; height: 1fr; } Scribble:focus { tint: red 20%; }"

    def __init__(self, dice: random.Random, words: list[str]) -> None:
        super().__init__()
        self.dice, self.words = dice, words
        self.rows: dict[int, list[tuple[str, str]]] = {}

    def scribble(self) -> None:
        """Change some rows, wholly or in a part."""
        width, height = self.size
        for _ in range(self.dice.randint(1, 5)):
            y = self.dice.randrange(max(1, height))
            self.rows[y] = [
                (self.dice.choice(self.words), self.dice.choice(STYLES))
                for _ in range(self.dice.randint(0, 25))
            ]
            self.refresh(Region(0, y, width, 1))

    def render_line(self, y: int) -> Strip:
        from rich.segment import Segment

        parts = [Segment(text, Style.parse(style)) for text, style in self.rows.get(y, [])]
        return Strip(parts).adjust_cell_length(self.size.width, self.rich_style)


class Scribbles(App[None]):
    """Two scribbles; keeps the updates that the compositor makes."""

    CSS = "Horizontal { height: 1fr; }"

    def __init__(self, dice: random.Random, words: list[str]) -> None:
        super().__init__()
        self.dice, self.words = dice, words
        self.updates: list[LayoutUpdate | ChopsUpdate] = []

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Scribble(self.dice, self.words)
            yield Scribble(self.dice, self.words)

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        if isinstance(renderable, LayoutUpdate | ChopsUpdate):
            self.updates.append(renderable)
        super()._display(screen, renderable)


def console() -> Console:
    return Console(color_system="truecolor", force_terminal=True, legacy_windows=False)


@pytest.mark.parametrize("size", [(80, 24), (140, 45), (7, 3), (33, 9)])
@pytest.mark.parametrize("seed", [1])
async def test_the_terminal_shows_what_it_would_without_the_filter(size: tuple[int, int], seed: int) -> None:
    """Over random updates of parts and wholes; words of one-cell characters, as what is left of half a wide one is not
    the same on all terminals."""
    dice = random.Random(seed)
    narrow = [
        word
        for word in WORDS
        if (word.isascii() and word.isprintable()) or word in ("━━━━", "⣀⠤⠒", "█▌", "é")
    ]
    app = Scribbles(dice, narrow)
    async with app.run_test(size=size) as pilot:
        plain, lean = Emulated(*size), Emulated(*size)
        stream = ScreenStream(*size, ColorSystem.TRUECOLOR)
        await pilot.pause()
        sent = [0, 0]
        for turn in range(15):
            for update in app.updates:
                text = update.render_segments(console())
                plain.feed(text)
                stream.take(update)
                sent[0] += len(text.encode())
            app.updates.clear()
            if turn % 3:  # sometimes several updates are merged
                changes = stream.changes((0, 0))
                lean.feed(changes)
                sent[1] += len(changes.encode())
                assert lean.cells() == plain.cells()
            if turn == 20:
                stream.forget()
                lean.feed("\x1b[2Jgarbage")
            for scribble in app.query(Scribble):
                scribble.scribble()
            if turn % 7 == 0:
                app.screen.refresh()
            await pilot.pause()
        assert sent[1] < sent[0]


@pytest.mark.parametrize("size", [(80, 24), (33, 9)])
@pytest.mark.parametrize("seed", [4])
async def test_wide_characters_and_clusters_stand_where_a_fresh_screen_has_them(
    size: tuple[int, int], seed: int
) -> None:
    dice = random.Random(seed)
    app = Scribbles(dice, WORDS)
    async with app.run_test(size=size) as pilot:
        lean = Emulated(*size)
        stream = ScreenStream(*size, ColorSystem.TRUECOLOR)
        await pilot.pause()
        for _ in range(15):
            for update in app.updates:
                stream.take(update)
            app.updates.clear()
            lean.feed(stream.changes((3, 1)))
            fresh, whole = Emulated(*size), ScreenStream(*size, ColorSystem.TRUECOLOR)
            whole.take(app.screen._compositor.render_full_update())
            fresh.feed(whole.changes((3, 1)))
            for row, expected in zip(lean.cells(), fresh.cells(), strict=True):
                assert row == expected
            assert (lean.screen.cursor.x, lean.screen.cursor.y) == (3, 1)
            for scribble in app.query(Scribble):
                scribble.scribble()
            await pilot.pause()


def layout(*lines: str, style: str = "") -> LayoutUpdate:
    """Return an update of a whole screen."""
    from rich.segment import Segment

    strips = [[Strip([Segment(line, Style.parse(style))])] for line in lines]
    return LayoutUpdate(strips, Region(0, 0, len(lines[0]), len(lines)))  # type: ignore[arg-type]


class TestChanges:
    def test_what_is_shown_is_not_sent_again(self) -> None:
        stream = ScreenStream(10, 2, ColorSystem.TRUECOLOR)
        stream.take(layout("0123456789", "abcdefghij"))
        assert stream.changes((0, 0)) == "\x1b[1;1H0123456789\x1b[2;1Habcdefghij\x1b[1;1H"
        stream.take(layout("0123456789", "abcdefghij"))
        assert stream.changes((0, 0)) == ""

    def test_a_changed_cell_costs_a_move_and_itself(self) -> None:
        stream = ScreenStream(10, 2, ColorSystem.TRUECOLOR)
        stream.take(layout("0123456789", "abcdefghij"))
        stream.changes((0, 0))
        stream.take(layout("01X3456789", "abcdefghij"))
        assert stream.changes((0, 0)) == "\x1b[2CX\x1b[3D"

    def test_a_style_is_sent_once_and_taken_back(self) -> None:
        stream = ScreenStream(4, 1, ColorSystem.TRUECOLOR)
        stream.take(layout("abcd", style="bold #010203"))
        assert stream.changes((0, 0)) == "\x1b[1;1H\x1b[1;38;2;1;2;3mabcd\x1b[m\x1b[1;1H"

    def test_blanks_between_words_take_no_code(self) -> None:
        stream = ScreenStream(6, 1, ColorSystem.TRUECOLOR)
        stream.take(layout("ab  cd", style="bold #010203"))
        assert stream.changes((0, 0)) == "\x1b[1;1H\x1b[1;38;2;1;2;3mab  cd\x1b[m\x1b[1;1H"

    def test_256_colours_if_that_is_all(self) -> None:
        stream = ScreenStream(1, 1, ColorSystem.EIGHT_BIT)
        stream.take(layout("a", style="#ff0000"))
        assert "\x1b[38;5;196ma" in stream.changes((0, 0))

    def test_no_code_of_a_text_reaches_the_terminal(self) -> None:
        stream = ScreenStream(20, 1, ColorSystem.TRUECOLOR)
        stream.take(layout("a\x1b]0;title\x07b\x9bm\r\n"))
        text = stream.changes((0, 0)).removeprefix("\x1b[1;1H").removesuffix("\x1b[1;1H")
        assert text.isprintable()

    def test_after_forgetting_all_is_sent(self) -> None:
        stream = ScreenStream(10, 1, ColorSystem.TRUECOLOR)
        stream.take(layout("0123456789"))
        first = stream.changes((0, 0))
        stream.forget()
        assert stream.changes((0, 0)) == first

    def test_another_size_begins_anew(self) -> None:
        stream = ScreenStream(10, 1, ColorSystem.TRUECOLOR)
        stream.take(layout("0123456789"))
        stream.changes((0, 0))
        stream.resize(5, 1)
        stream.take(layout("01234"))
        assert "01234" in stream.changes((0, 0))
