"""The Data screen: list, preview, filter, the user's files, and the way to Build."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.color import Color
from textual.pilot import Pilot
from textual.widgets import Input

from engine.data import DATASETS, Preview, describe
from engine.data.preview import FeatureSummary
from engine.data.spec import DataSpec
from tests.tui.hosts import LARGE, SMALL, Bare, each_size, make_host, seen, text_of, until
from tui.app import NntermApp
from tui.data import dataset_browser
from tui.data.class_balance import ClassBalance
from tui.data.dataset_browser import open_file, read_preview
from tui.data.dataset_details import DatasetDetails
from tui.data.dataset_picture import DatasetPicture, ImageGrid, Scatter
from tui.data.dataset_table import DatasetTable, size_text
from tui.data.screen import DataScreen
from tui.widgets.file_dialog import FileDialog
from tui.widgets.filter_field import FilterField
from tui.widgets.key_values import KeyValues
from tui.widgets.loss_plot import LossPlot


def quick_preview(name: str) -> Preview | str:
    """Return the engine's preview, except for MNIST, whose first decoding takes a second."""
    if name != "mnist":
        return read_preview(name)
    info = describe(DataSpec(dataset="mnist"))
    images = np.full((20, 28, 28), 200, np.uint8)
    features = (FeatureSummary("pixel", 0, 255, 33.4, (0.8, 0.2)),)
    return Preview(info, images, None, np.arange(20) % 10, np.full(10, 6000), features, 0.112)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset_browser, "read_preview", quick_preview)


@pytest.fixture
def app(tmp_path: Path) -> NntermApp:
    return make_host(tmp_path, "data", DataScreen)


async def ready(app: NntermApp, pilot: Pilot[Any]) -> DatasetTable:
    await until(pilot, lambda: app.screen.query(DatasetTable) and table(app).row_count == len(DATASETS))
    await until(pilot, lambda: picture(app).border_title == "MNIST handwritten digits")
    return table(app)


def table(app: NntermApp) -> DatasetTable:
    return app.screen.query_one(DatasetTable)


def picture(app: NntermApp) -> DatasetPicture:
    return app.screen.query_one(DatasetPicture)


async def asked_for_a_file(app: NntermApp, pilot: Pilot[Any], path: str) -> None:
    """Open the file dialog and put a path into its field."""
    await pilot.press("o")
    await until(pilot, lambda: isinstance(app.screen, FileDialog) and isinstance(app.focused, Input))
    app.screen.query_one(Input).value = path


async def look_at(app: NntermApp, pilot: Pilot[Any], name: str) -> None:
    """Move the cursor to a dataset with keys."""
    steps = table(app).names.index(name) - table(app).cursor_row
    await pilot.press(*["down" if steps > 0 else "up"] * abs(steps))


async def test_the_list_shows_every_dataset(app: NntermApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        found = await ready(app, pilot)
        assert found.names == list(DATASETS)
        async for size in each_size(pilot):
            await until(pilot, lambda: "60,000" in seen(app))
            (line,) = [line for line in seen(app).splitlines() if "mnist" in line and "60,000" in line]
            cells = ["mnist", "classification", "60,000", "28×28", "10", "55.0", "MB"]
            assert line.replace("│", " ").split()[:7] == cells, size


async def test_each_kind_shows_its_samples(app: NntermApp) -> None:
    kinds: dict[tuple[int, int], dict[str, type[Any]]] = {
        SMALL: {"mnist": ImageGrid, "plane": Scatter, "sine": LossPlot},
        LARGE: {"mnist": ImageGrid, "moons": Scatter},
    }
    async with app.run_test(size=SMALL) as pilot:
        await ready(app, pilot)
        async for size in each_size(pilot):
            for name, kind in kinds[size].items():
                await look_at(app, pilot, name)
                await until(pilot, lambda name=name, kind=kind: _shown(app) == (_title(name), [kind]))  # type: ignore[misc]
                await until(pilot, lambda: any(_drawing(app)))


def _title(name: str) -> str:
    return describe(DataSpec(dataset=name)).title


def _shown(app: NntermApp) -> tuple[Any, list[type[Any]]]:
    """Return the title of the picture, and the classes of the widgets that show it."""
    return picture(app).border_title, [type(child) for child in picture(app).children if child.display]


def _drawing(app: NntermApp) -> Iterator[bool]:
    """Yield for each line within the border of the picture: True if it is not blank."""
    region = picture(app).content_region
    for line in app.screen._compositor.render_strips()[region.y : region.bottom]:
        inside = line.crop(region.x, region.right)
        yield bool(inside.text.strip()) or any(segment.style and segment.style.bgcolor for segment in inside)


def truth_table(app: NntermApp) -> set[tuple[str | Any, ...]]:
    """Return the rows of the truth table on the screen: inputs, output, mark."""
    return {match.groups() for match in re.finditer(r"([01])    ([01])  │  ([01])  (\S)", seen(app))}


async def test_a_gate_shows_its_truth_table(app: NntermApp) -> None:
    async with app.run_test(size=(140, 45)) as pilot:
        await ready(app, pilot)
        await look_at(app, pilot, "xor")
        rows = {("0", "0", "0", "●"), ("0", "1", "1", "◆"), ("1", "0", "1", "◆"), ("1", "1", "0", "●")}
        await until(pilot, lambda: truth_table(app) == rows)  # the cursor has passed other gates
        assert "1 ◆───────●" in seen(app)
        assert "0 ●───────◆" in seen(app)


async def test_summary_classes_and_licence_are_shown(app: NntermApp) -> None:
    async with app.run_test(size=(140, 45)) as pilot:
        await ready(app, pilot)
        await until(pilot, lambda: app.screen.query_one(ClassBalance).counts)
        assert dict(app.screen.query_one(ClassBalance).counts)["7"] == 6000
        facts = dict(app.screen.query_one(KeyValues).rows)
        assert facts["licence"] == "CC BY-SA 3.0"
        assert "128-64 relu" in facts["suggested"]
        assert facts["baseline"].startswith("accuracy 11.2 %")
        assert facts["pixel"].endswith("0 … 255, mean 33.4")
        await look_at(app, pilot, "sine")
        await until(pilot, lambda: "sin(πx)" in text_of(app, "#summary"))
        assert not app.screen.query_one(ClassBalance).display


@pytest.mark.parametrize(
    ("key", "row"), [("down", 1), ("j", 1), ("end", len(DATASETS) - 1), ("pagedown", None)]
)
async def test_the_cursor_moves_by_arrows_and_letters(app: NntermApp, key: str, row: int | None) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        found = await ready(app, pilot)
        await pilot.press(key)
        await until(pilot, lambda: found.cursor_row == row if row is not None else found.cursor_row > 1)
        await pilot.press("home")
        await until(pilot, lambda: found.cursor_row == 0)


async def test_enter_selects_the_dataset_and_opens_build(app: NntermApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(app, pilot)
        app.session.draft = {"data": {"dataset": "old"}}
        await look_at(app, pilot, "xor")
        await pilot.press("enter")
        await until(pilot, lambda: app.current_mode == "build")
        assert isinstance(app.screen, Bare)
        assert (app.session.dataset, app.session.draft) == ("xor", None)


async def test_keys_work_while_a_preview_is_slow_and_the_last_one_wins(
    app: NntermApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def slow(name: str) -> Preview | str:
        if name == "moons":
            gate.wait(10)
        return quick_preview(name)

    monkeypatch.setattr(dataset_browser, "read_preview", slow)
    async with app.run_test(size=(140, 45)) as pilot:
        await ready(app, pilot)
        await look_at(app, pilot, "moons")
        await until(pilot, lambda: "reading the samples" in seen(app))
        await look_at(app, pilot, "circles")
        await until(pilot, lambda: "inner" in dict(app.screen.query_one(ClassBalance).counts))
        gate.set()
        await look_at(app, pilot, "spirals")
        await until(pilot, lambda: len(app.screen.query_one(ClassBalance).counts) == 3)
        assert picture(app).border_title == describe(DataSpec(dataset="spirals")).title


class TestFilter:
    async def test_the_list_follows_the_typed_filter(self, app: NntermApp) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            found = await ready(app, pilot)
            await pilot.press("slash", *"regr")
            await until(pilot, lambda: found.names == ["sine", "plane"])
            await pilot.press("enter")
            await until(pilot, lambda: found.has_focus)
            assert found.names == ["sine", "plane"]
            await pilot.press("escape")
            await until(pilot, lambda: len(found.names) == len(DATASETS))

    async def test_a_filter_without_matches_shows_a_message(self, app: NntermApp) -> None:
        async with app.run_test(size=(140, 45)) as pilot:
            found = await ready(app, pilot)
            await pilot.press("slash", *"zzz")
            await until(pilot, lambda: found.row_count == 0)
            await until(pilot, lambda: "No dataset has “zzz”" in text_of(app, "#summary"))
            await pilot.press("enter", "enter")
            assert app.current_mode == "data"
            await pilot.press("escape")
            await until(pilot, lambda: len(found.names) == len(DATASETS))

    async def test_the_cursor_stays_on_its_dataset(self, app: NntermApp) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            found = await ready(app, pilot)
            await look_at(app, pilot, "plane")
            await pilot.press("slash", *"pla")
            await until(pilot, lambda: found.names == ["plane"])
            await pilot.press("escape")
            await until(pilot, lambda: len(found.names) == len(DATASETS))
            assert found.names[found.cursor_row] == "plane"


class TestOwnFile:
    async def test_it_is_added_to_the_list_and_can_be_selected(self, app: NntermApp, tmp_path: Path) -> None:
        path = tmp_path / "own.npz"
        np.savez(path, x=np.random.default_rng(0).random((50, 3)), y=np.arange(50) % 2)
        async with app.run_test(size=(140, 45)) as pilot:
            found = await ready(app, pilot)
            await asked_for_a_file(app, pilot, str(path))
            await pilot.press("enter")
            await until(pilot, lambda: found.names[-1] == str(path))
            await until(pilot, lambda: found.has_focus and found.cursor_row == len(DATASETS))
            await until(pilot, lambda: "the first 2 of 3 features" in str(picture(app).border_subtitle))
            await pilot.press("enter")
            await until(pilot, lambda: app.current_mode == "build")
        assert app.session.dataset == str(path)

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda path: None, "no file"),
            (lambda path: path.write_bytes(b"not a zip"), "own.npz"),
            (lambda path: np.savez(path, x=np.array([[1.0], [np.nan]]), y=np.array([0, 1])), "own.npz"),
            (lambda path: np.savez(path, x=np.zeros((3, 1)), y=np.zeros(2)), "own.npz"),
        ],
    )
    async def test_an_error_is_shown_below_the_field(
        self, app: NntermApp, tmp_path: Path, make: Any, message: str
    ) -> None:
        path = tmp_path / "own.npz"
        make(path)
        async with app.run_test(size=(80, 24)) as pilot:
            found = await ready(app, pilot)
            await asked_for_a_file(app, pilot, str(path))
            await pilot.press("enter")
            await until(pilot, lambda: message in text_of(app, "#complaint"))
            assert app.screen.query_one("#complaint").region.height > 0
            await pilot.press("x")
            await until(pilot, lambda: text_of(app, "#complaint") == "")
            await pilot.press("escape")
            await until(pilot, lambda: found.has_focus)
            assert len(found.names) == len(DATASETS)

    async def test_a_missing_path_is_an_error(self, app: NntermApp) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(app, pilot)
            await asked_for_a_file(app, pilot, "")
            await pilot.press("enter")
            await until(pilot, lambda: "Type the path" in text_of(app, "#complaint"))

    async def test_another_kind_of_file_is_refused_in_a_sentence(
        self, app: NntermApp, tmp_path: Path
    ) -> None:
        path = tmp_path / "own.csv"
        path.write_text("1,2")
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(app, pilot)
            await asked_for_a_file(app, pilot, str(path))
            await pilot.press("enter")
            await until(pilot, lambda: "Only .npz files are supported." in text_of(app, "#complaint"))
            assert "numpy.savez" in text_of(app, "#complaint")

    async def test_from_the_filter_to_a_file_and_back(self, app: NntermApp) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            found = await ready(app, pilot)
            await pilot.press("slash", *"xor", "enter")
            await until(pilot, lambda: found.has_focus)
            await asked_for_a_file(app, pilot, "")
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(app.screen, DataScreen))
            assert found.names == ["xor"]
            await pilot.press("escape")
            await until(pilot, lambda: len(found.names) == len(DATASETS))


async def test_tab_moves_from_the_filter_to_the_list_and_the_frame_follows(app: NntermApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        found = await ready(app, pilot)
        await pilot.press("slash", *"pla", "tab")
        await until(pilot, lambda: not isinstance(app.focused, Input))
        field = app.screen.query_one(FilterField)
        assert field.is_open
        accent = Color.parse(app.get_css_variables()["accent"])
        framed = [
            widget
            for widget in app.screen.query("*")
            if widget.display and widget.styles.border_top[0] and widget.styles.border_top[1] == accent
        ]
        assert framed == [app.focused]
        assert found.names == ["plane"]


async def test_a_dataset_is_gone_to_by_its_name(app: NntermApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = app.screen
        assert isinstance(screen, DataScreen)
        screen.go_to("moons")
        await until(pilot, lambda: app.screen.query(DatasetTable) and table(app).row_count == len(DATASETS))
        await until(pilot, lambda: table(app).names[table(app).cursor_row] == "moons")
        screen.go_to("no such set")
        await until(pilot, lambda: app._notifications)


async def test_the_description_is_brief_in_a_small_terminal(app: NntermApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(app, pilot)
        about = app.screen.query_one(DatasetDetails)
        await until(pilot, lambda: about.brief)
        await pilot.resize_terminal(140, 45)
        await until(pilot, lambda: not about.brief)


def test_a_typed_path_becomes_an_absolute_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    np.savez(tmp_path / "own.npz", x=np.zeros((4, 2)), y=np.arange(4) % 2)
    for text in ("own.npz", "~/own.npz", "./own.npz"):
        assert open_file(Path(text))[0] == str(tmp_path / "own.npz")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (64, "64 B"),
        (999, "999 B"),
        (20_000, "20.0 kB"),
        (55_000_000, "55.0 MB"),
        (123e6, "123 MB"),
        (2.5e9, "2.5 GB"),
    ],
)
def test_sizes_are_short(size: float, text: str) -> None:
    assert size_text(size) == text
