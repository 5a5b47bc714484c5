"""The palette finds everything that has a name, from anywhere, the sensible hit first."""

from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot

from tests.tui.hosts import seen, until
from tui.actions import SCREENS
from tui.app import NntermApp
from tui.build.screen import BuildScreen
from tui.data.dataset_table import DatasetTable
from tui.inspect.tabs import ViewTabs
from tui.palette.entry import PaletteEntry
from tui.palette.index import fixed_entries, run_entries
from tui.palette.provider import Everything, best

EXPECTED = {
    "matrix": ("Matrix", "view"),
    "histogram": ("Histograms", "view"),
    "confusion": ("Matrix", "view"),
    "boundary": ("Boundary", "view"),
    "quit": ("quit", "action"),
    "theme": ("theme auto", "theme"),
    "spirals": ("spirals", "dataset"),
    "my-run": ("my-run-1", "run"),
    "my-run-2": ("my-run-2", "run"),
    "learning rate": ("learning rate", "setting"),
    "lr": ("learning rate", "setting"),
    "weight decay": ("weight decay", "setting"),
    "gradients": ("Gradients", "screen"),
    "devices": ("Devices", "screen"),
    "hardware": ("Devices", "screen"),
    "update ratio": ("update ratio", "term"),
    "recall": ("Classes", "view"),
}
"""Search text: name and kind of the first entry."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for i in (1, 2):
        (tmp_path / "runs" / f"my-run-{i}").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.mode)
async def test_the_sensible_entry_comes_first_on_every_screen(home: Path, screen: object) -> None:
    app = NntermApp(home)
    async with app.run_test(size=(100, 40)) as pilot:
        await app.action_switch_mode(getattr(screen, "mode", ""))
        await pilot.pause()
        provider = Everything(app.screen)
        await provider.startup()
        entries = await provider.collected()
        for query, expected in EXPECTED.items():
            found = best(query, entries)
            assert found, query
            first = found[0][1]
            assert (first.name, first.kind) == expected, query
        for query, name in (("save", ("save", "checkpoint")), ("delete", ("delete", "remove", "clear"))):
            assert best(query, entries)[0][1].name in name, query


async def type_in_palette(pilot: Pilot[int], text: str) -> None:
    """Type into the palette, and choose the first entry once it is listed."""
    await pilot.press("ctrl+p")
    await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
    await pilot.press(*text)
    palette = pilot.app.screen
    await until(pilot, lambda: palette.query("CommandList").first().option_count >= 1)  # type: ignore[attr-defined]
    await until(pilot, lambda: palette.has_class("-ready") and text in seen(pilot.app).lower())
    await pilot.press("enter")


async def test_a_view_a_setting_and_a_dataset_open_where_they_are(home: Path) -> None:
    app = NntermApp(home)
    async with app.run_test(size=(140, 45)) as pilot:
        await app.open_at("inspect", "confusion")
        await until(
            pilot,
            lambda: app.screen.query(ViewTabs) and app.screen.query_one(ViewTabs).current == "confusion",
        )
        await app.open_at("build", "lr")
        await until(pilot, lambda: app.focused is not None and _field_at_cursor(app).endswith(".lr"))
        await app.open_at("data", "spirals")
        await until(pilot, lambda: _dataset_at_cursor(app) == "spirals")


def _field_at_cursor(app: NntermApp) -> str:
    field = getattr(app.focused, "field", None) if isinstance(app.screen, BuildScreen) else None
    return getattr(field, "key", "")


def _dataset_at_cursor(app: NntermApp) -> str:
    tables = app.screen.query(DatasetTable)
    table = tables.first() if tables else None
    return table.names[table.cursor_row] if table is not None and table.names else ""


async def test_a_run_opens(home: Path) -> None:
    app = NntermApp(home)
    async with app.run_test(size=(140, 45)) as pilot:
        await type_in_palette(pilot, "my-run-2")
        await until(pilot, lambda: app.session.run == "my-run-2")
        assert app.current_mode in ("train", "inspect")


async def test_a_term_opens_the_glossary(home: Path) -> None:
    app = NntermApp(home)
    async with app.run_test(size=(140, 45)) as pilot:
        await type_in_palette(pilot, "update ratio")
        await until(pilot, lambda: "Glossary" in seen(app) and "length of one step" in seen(app))


async def test_markup_in_the_name_of_a_run_is_text(home: Path) -> None:
    (home / "runs" / "a[b]c[=").mkdir()
    app = NntermApp(home)
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.press("ctrl+p", *"a[b]c")
        await until(pilot, lambda: "a[b]c[=" in seen(app))


def test_a_thousand_runs_are_searched_without_reading_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(1000):
        (tmp_path / "runs" / f"run-{i}").mkdir(parents=True)
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path} was read"))
    entries = run_entries(NntermApp(tmp_path))
    assert len(entries) == 1000
    assert best("run-777", entries)[0][1].name == "run-777"


def test_a_better_match_scores_more() -> None:
    def score(query: str) -> float:
        return PaletteEntry(
            "learning rate", "setting", lambda: None, "of the optimizer", aliases=("lr",)
        ).score(query)

    scores = [
        score(query) for query in ("learning rate", "lr", "learn", "rate", "optimizer", "ning", "lnr", "x")
    ]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_every_entry_has_a_name_and_a_known_kind(tmp_path: Path) -> None:
    entries = fixed_entries(NntermApp(tmp_path))
    assert len(entries) > 150
    assert all(entry.name and entry.score(entry.name) > 0.9 for entry in entries)
