"""The table of runs: only changed rows are painted, the cursor stays on its run, the mouse works."""

from textual.app import App, ComposeResult
from textual.geometry import Region

from engine.runs import RunSummary
from tests.tui.hosts import until
from tui.runs.rows import Order, RunRow, arrange
from tui.runs.run_table import RunTable
from tui.theme import NNTERM


class Host(App[None]):
    """An app with a table that records its repaints and its messages."""

    def __init__(self) -> None:
        super().__init__()
        self.painted: list[Region] = []
        self.highlighted: list[str] = []
        self.opened: list[str] = []
        self.heads: list[str] = []
        self.register_theme(NNTERM)
        self.theme = NNTERM.name

    def compose(self) -> ComposeResult:
        host = self

        class Watched(RunTable):
            def refresh(self, *regions: Region, **how: bool) -> "Watched":
                host.painted += regions or [Region(0, 0, 999, 999)]
                super().refresh(*regions, **how)
                return self

        yield Watched()

    @property
    def table(self) -> RunTable:
        return self.query_one(RunTable)

    def on_run_table_highlighted(self, event: RunTable.Highlighted) -> None:
        self.highlighted.append(event.row.name if event.row else "")

    def on_run_table_opened(self, event: RunTable.Opened) -> None:
        self.opened.append(event.name)

    def on_run_table_head_pressed(self, event: RunTable.HeadPressed) -> None:
        self.heads.append(event.key)


def rows(n: int, **changed: int) -> list[RunRow]:
    runs = [
        RunSummary(name=f"r{i:03}", path="", state="running", epochs=9, epoch=changed.get(f"r{i:03}", 0))
        for i in range(n)
    ]
    return arrange(runs, Order("name"), now=0.0)


async def test_an_update_repaints_only_the_rows_that_changed() -> None:
    app = Host()
    async with app.run_test(size=(100, 20)) as pilot:
        app.table.show(rows(1000))
        await pilot.pause()
        app.painted.clear()
        app.table.show(rows(1000))
        assert app.painted == []
        app.table.show(rows(1000, r003=2, r900=5))
        assert [(region.y, region.height) for region in app.painted] == [(4, 1)]


async def test_the_cursor_moves_to_the_end_and_stays_on_its_run() -> None:
    app = Host()
    async with app.run_test(size=(100, 20)) as pilot:
        app.table.show(rows(1000))
        await pilot.pause()
        app.table.focus()
        await pilot.press("end", "k")
        assert app.highlighted[-1] == "r998"
        assert app.table.scroll_offset.y == 1000 - 19
        app.table.show(rows(999)[1:])
        current = app.table.current
        assert current is not None
        assert current.name == "r998"
        app.table.show([])
        await until(pilot, lambda: app.highlighted[-1] == "")
        assert app.table.current is None


async def test_the_mouse_highlights_opens_and_sorts() -> None:
    app = Host()
    async with app.run_test(size=(100, 20)) as pilot:
        app.table.show(rows(5))
        await pilot.pause()
        await pilot.click(RunTable, offset=(5, 3))
        assert app.highlighted[-1] == "r002"
        await pilot.click(RunTable, offset=(5, 3), times=2)
        assert app.opened == ["r002"]
        await pilot.click(RunTable, offset=(5, 0))
        assert app.heads == ["name"]
