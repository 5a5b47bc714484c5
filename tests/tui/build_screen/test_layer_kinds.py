"""Dropout and batch normalisation on the Build screen: added, edited, moved, drawn."""

from typing import Any

from textual.content import Content
from textual.pilot import Pilot

from engine.experiment.experiment import problems
from tests.tui.build_screen.host import BuildHost, at_layers, press, until
from tests.tui.hosts import SMALL, each_size
from tui.build.layer_dialog import LayerDialog
from tui.build.layer_table import LayerTable
from tui.charts.network_map import NetworkColumn, draw_network, sizes
from tui.draft import tables, views
from tui.draft.assess import assess
from tui.draft.fields import FieldReader
from tui.draft.steps import stepped


def kinds(host: BuildHost) -> list[str]:
    return [layer["type"] for layer in host.draft["network"]["layers"]]


def lines(host: BuildHost) -> list[str]:
    return [line.plain for line in host.build.query_one(LayerTable).draw()]


async def add(host: BuildHost, pilot: Pilot[Any], *keys: str) -> None:
    """Open the dialog of kinds, and press keys there once it takes them."""
    await pilot.press("a")
    await until(pilot, lambda: isinstance(host.screen, LayerDialog) and host.screen.focused is not None)
    await press(pilot, *keys)
    await until(pilot, lambda: host.screen is host.build)


async def test_a_kind_is_chosen_by_its_letter_or_from_the_list(host: BuildHost) -> None:
    async with host.run_test(size=SMALL) as pilot:
        await at_layers(pilot)
        async for size in each_size(pilot):
            await add(host, pilot, "b")
            assert kinds(host) == ["dense", "batchnorm", "dense", "dense"], size
            await add(host, pilot, "down", "down", "enter")
            assert kinds(host) == ["dense", "batchnorm", "dropout", "dense", "dense"], size
            await add(host, pilot, "escape")
            assert len(kinds(host)) == 5, size
            assert problems(host.draft) == []
            table = host.build.query_one(LayerTable)
            assert [figures.parameters for figures in table.figures] == [
                "100,480",
                "256",
                "0",
                "8,256",
                "650",
            ]
            assert max(map(len, lines(host))) <= table.content_size.width, size
            await press(pilot, "u", "u", "up", "up", "up", "down")
            assert kinds(host) == ["dense", "dense", "dense"], size


async def test_rate_and_activation_are_edited_in_their_row(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await at_layers(pilot)
        await add(host, pilot, "o")
        assert "rate 0.5" in lines(host)[4]
        await press(pilot, "minus", "minus")
        assert host.draft["network"]["layers"][1]["rate"] == 0.3
        await press(pilot, "enter", *"0.25", "enter")
        assert host.draft["network"]["layers"][1]["rate"] == 0.25
        await add(host, pilot, "b", "right", "left")
        assert host.build.query_one(LayerTable).field is not None
        await press(pilot, "plus")
        assert host.draft["network"]["layers"][2]["activation"] == "sigmoid"


async def test_a_share_of_1_is_refused_at_the_field(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await at_layers(pilot)
        await add(host, pilot, "o")
        await pilot.press("enter", "1", "enter")
        complaint = host.build.query_one(LayerTable).query_one("#complaint")
        await until(pilot, lambda: complaint.display)
        assert host.draft["network"]["layers"][1]["rate"] == 0.5


async def test_they_are_moved_duplicated_removed_and_undone(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await at_layers(pilot)
        await add(host, pilot, "o", "K")
        assert kinds(host) == ["dropout", "dense", "dense", "dense"]
        await press(pilot, "ctrl+d")
        assert kinds(host) == ["dropout", "dropout", "dense", "dense", "dense"]
        await press(pilot, "delete")
        assert kinds(host) == ["dropout", "dense", "dense", "dense"]
        await press(pilot, "up", "delete")
        assert kinds(host) == ["dense", "dense", "dense"]
        await press(pilot, "u", "u")
        assert kinds(host)[:2] == ["dropout", "dropout"]


async def test_a_dropout_moved_to_the_end_is_reported_and_fixed(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await at_layers(pilot)
        await press(pilot, "j", "a", "o", "J")
        assert kinds(host)[-1] == "dropout"
        assert "the last layer must be dense" in host.build.bar.readiness.message
        await pilot.press("m")
        await until(pilot, lambda: not isinstance(host.screen, type(host.build)))
        await press(pilot, "enter")
        assert kinds(host) == ["dense", "dense", "dense"]


async def test_the_dialog_blocks_the_keys_of_the_screen(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await at_layers(pilot)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(host.screen, LayerDialog))
        await pilot.press("j", "k", "u", "t")
        assert isinstance(host.screen, LayerDialog)
        assert host.launched == []


STACK: list[dict[str, Any]] = [
    {"type": "dense", "units": 8},
    {"type": "batchnorm", "activation": "relu"},
    {"type": "dropout", "rate": 0.2},
    {"type": "dense"},
]


def test_the_drawing_joins_like_with_like() -> None:
    draft = tables.complete({"data": {"dataset": "spirals"}, "network": {"layers": STACK}})
    columns = views.columns_of(assess(draft))
    assert sizes(columns) == "2 → 8 → norm+relu → drop → 3"
    assert [column.one_to_one for column in columns] == [False, False, True, True, False]
    straight = draw_network((NetworkColumn(4, "relu"), NetworkColumn(4, "drop", one_to_one=True)), 40, 12)
    crossed = draw_network((NetworkColumn(4, "relu"), NetworkColumn(4, "tanh")), 40, 12)
    assert _lines_with_dots(straight) == 4  # one from each unit to the one beside it
    assert _lines_with_dots(crossed) > 4


def _lines_with_dots(lines: list[Content]) -> int:
    return sum(any("⠀" < character <= "⣿" for character in line.plain) for line in lines)


def test_fields_of_each_kind() -> None:
    draft = tables.complete({"data": {"dataset": "spirals"}, "network": {"layers": STACK}})
    reader = FieldReader(draft, assess(draft))
    names = [[field.key.rpartition(".")[2] for field in reader.layer(i)] for i in range(4)]
    dense = ["units", "activation", "init"]
    assert names == [dense, ["activation", "momentum"], ["rate"], dense]
    finer = [[field.label for field in reader.learning(i) if "layer" in field.label] for i in (1, 2)]
    assert finer == [["layer 1 epsilon"], []]
    momentum = reader.layer(1)[1]
    assert "running mean" in momentum.help
    assert stepped(momentum.key, 0.1, 1) == 0.2
    assert stepped("training.optimizer.momentum", 0.5, 1) == 0.8
