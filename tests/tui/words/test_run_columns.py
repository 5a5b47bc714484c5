"""The columns of a list of runs: which there are for some runs, which fit, and how wide they are."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from engine.runs import Query, RunSummary, sort_runs
from tui.words.column_widths import GAP, NAME_WIDTH, cell, fit, measure
from tui.words.run_columns import BY_KEY, RUN_COLUMNS, columns_for, origin

FULL: dict[str, Any] = {
    "dataset": "mnist",
    "n_features": 784,
    "network": "128-64-10",
    "optimizer": "sgd",
    "batch_size": 64,
    "n_parameters": 109_386,
    "epoch": 10,
    "epochs": 10,
    "base_learning_rate": 0.1,
    "validation_accuracy": 0.97,
    "best_validation_accuracy": 0.98,
    "test_accuracy": 0.9712,
    "validation_loss": 0.1,
    "best_validation_loss": 0.09,
    "seconds": 7.0,
    "host": "here",
}


def run(name: str = "mnist-mlp", **changes: Any) -> RunSummary:
    return RunSummary(name=name, path=f"/runs/{name}", **{"state": "finished", **FULL, **changes})


def keys_for(runs: list[RunSummary], room: int, chosen: tuple[str, ...] = ()) -> dict[str, int]:
    columns = columns_for(runs, chosen)
    return fit(columns, room, measure(columns, runs))


def test_every_column_is_a_field_that_finds_and_sorts() -> None:
    for key in BY_KEY:
        sort_runs([run(), run("b")], key)
        if key not in ("age", "seconds"):
            assert Query.parse(f"{key}!=77").conditions


def test_what_tells_runs_apart_is_there_at_80_columns() -> None:
    shown = keys_for([run("mnist-mlp-12"), run("a-name-of-24-characters-")], 76)
    assert {"name", "state", "dataset", "lr", "best_acc"} <= set(shown)
    assert shown["name"] == 24


def test_at_140_columns_the_network_and_the_final_figures_are_there_too() -> None:
    shown = set(keys_for([run(), run("b")], 134))
    assert {"network", "optimizer", "epoch", "val_acc", "test_acc"} <= shown


def test_columns_that_no_run_fills_are_left_out() -> None:
    runs = [run(), run("b", parent="", tags=())]
    assert not {"parent", "tag", "host", "note", "seed"} & set(keys_for(runs, 1000))
    runs = [run(tags=("good",)), run("b", parent="mnist-mlp", parent_epoch=3, host="gpu-7")]
    assert {"parent", "tag", "host"} <= set(keys_for(runs, 1000))


def test_a_regression_shows_its_loss_where_others_show_the_accuracy() -> None:
    plain = dict.fromkeys(("validation_accuracy", "best_validation_accuracy", "test_accuracy"))
    assert "best_loss" in keys_for([run(**plain)], 76)


def test_chosen_columns_stand_in_their_order_with_the_name() -> None:
    assert list(keys_for([run()], 100, ("lr", "note", "lr", "unknown"))) == ["name", "lr", "note"]
    assert list(keys_for([run()], 100, ("lr", "name"))) == ["lr", "name"]


@given(st.integers(1, 300), st.integers(1, 100))
def test_the_columns_never_exceed_the_room(room: int, length: int) -> None:
    found = keys_for([run("n" * length, tags=("a", "b"))], room)
    assert sum(width + GAP for width in found.values()) - GAP <= room
    assert "name" in found
    if room >= 40 + NAME_WIDTH:
        assert found["name"] >= min(length, NAME_WIDTH)


@given(st.text(max_size=30), st.integers(1, 40), st.booleans())
def test_a_cell_has_its_width(text: str, width: int, right: bool) -> None:
    assert cell_len(cell(text, width, right)) == width


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    assert cell("mnist-mlp-with-dropout-and-batchnorm-12", 24) == "mnist-mlp-with-d…norm-12"
    assert cell("7", 3, right=True) == "  7"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("network", "784-128-64-10"),
        ("lr", "0.1"),
        ("batch", "64"),
        ("parameters", "109,386"),
        ("epoch", "10/10"),
        ("best_acc", "98.00 %"),
        ("val_acc", "97.00 %"),
        ("test_loss", ""),
        ("seconds", "7.0 s"),
    ],
)
def test_texts(key: str, text: str) -> None:
    assert BY_KEY[key].text(run()) == text


def test_texts_of_a_run_with_little_known() -> None:
    bare = RunSummary(name="a", path="/a", state="damaged")
    texts = {column.key: column.text(bare) for column in RUN_COLUMNS}
    assert all(text in ("", "a", "0") or key == "state" for key, text in texts.items())
    assert origin(run(parent="a", parent_epoch=5)) == "a @5"
    assert BY_KEY["batch"].text(run(batch_size=0)) == "all"
    assert BY_KEY["network"].text(run(n_features=0)) == "128-64-10"
