"""Runs are found by words and conditions, compared, renamed, discarded and restored."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import NntermError, RunError
from engine.experiment.experiment import Experiment
from engine.runs import (
    Query,
    Run,
    compare,
    discard,
    empty_trash,
    list_runs,
    list_trash,
    rename,
    restore,
    sort_runs,
)
from engine.runs.creation import ForkOrigin
from engine.runs.listing import RunSummary
from engine.runs.lock import lock
from engine.runs.query import QueryError

NOW = 1_000_000.0


def summary(name: str, **fields: Any) -> RunSummary:
    defaults: dict[str, Any] = {
        "state": "finished",
        "dataset": "mnist",
        "created": NOW - 60,
        "path": f"/{name}",
    }
    return RunSummary(name=name, **(defaults | fields))


RUNS = [
    summary(
        "a",
        tags=("baseline", "good"),
        base_learning_rate=0.1,
        validation_accuracy=0.97,
        network="128-10",
        optimizer="sgd",
    ),
    summary(
        "b",
        note="a deep net",
        base_learning_rate=0.001,
        validation_accuracy=0.90,
        state="lost",
        created=NOW - 7200,
    ),
    summary("Moons-1", dataset="moons", base_learning_rate=0.01, parent="a", created=NOW - 3 * 86400),
]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["a", "b", "Moons-1"]),
        ("lr>=1e-2", ["a", "Moons-1"]),
        ("lr >= 1e-2 dataset = mnist", ["a"]),
        ("state=lost", ["b"]),
        ("state!=lost moons", ["Moons-1"]),
        ("val_acc>=97%", ["a"]),
        ("val_acc!=0.9", ["a", "Moons-1"]),
        ("val_acc<1", ["a", "b"]),
        ("tag=good", ["a"]),
        ("tag!=good", ["b", "Moons-1"]),
        ("tag~goo", ["a"]),
        ('note~"deep net"', ["b"]),
        ("baseline", ["a"]),
        ("age<2min", ["a"]),
        ("age>1h age<2d", ["b"]),
        ("name~MOO", ["Moons-1"]),
        ('dataset="mnist" network=128-10', ["a"]),
        ("parent=a", ["Moons-1"]),
        ("nothing", []),
    ],
)
def test_queries(text: str, names: list[str]) -> None:
    query = Query.parse(text)
    assert [run.name for run in RUNS if query.matches(run, NOW)] == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lrr>1", '"lrr" is not a field of a run'),
        ("lr>x", '"x" is not a number'),
        ("lr=", '"" is not a number'),
        ("state>lost", "is a text"),
        ('name="a', "a quote is not closed"),
        ("x" * 2000, "too long"),
    ],
)
def test_invalid_queries(text: str, message: str) -> None:
    with pytest.raises(QueryError, match=message) as caught:
        Query.parse(text)
    assert caught.value.hint
    assert caught.value.exit_code == 2


@given(st.text(max_size=60))
def test_any_text_is_a_query_or_an_error(text: str) -> None:
    try:
        query = Query.parse(text)
    except QueryError:
        return
    for run in RUNS:
        assert query.matches(run, NOW) in (True, False)


def test_sorting_puts_missing_figures_last() -> None:
    assert [run.name for run in sort_runs(RUNS, "val_acc")] == ["b", "a", "Moons-1"]
    assert [run.name for run in sort_runs(RUNS, "-val_acc")] == ["a", "b", "Moons-1"]
    assert [run.name for run in sort_runs(RUNS, "age")] == ["a", "b", "Moons-1"]
    assert [run.name for run in sort_runs(RUNS, "-name")] == ["Moons-1", "b", "a"]
    with pytest.raises(QueryError, match="is not a field"):
        sort_runs(RUNS, "colour")


def create(home: Path, name: str, origin: ForkOrigin | None = None, **options: Any) -> Run:
    return Run.create(Experiment.quick("moons", [4], **options), home, name, origin)


def test_differences_and_nothing_else(tmp_path: Path) -> None:
    one = create(tmp_path, "one", optimizer="sgd", lr=0.1)
    other = create(tmp_path, "other", optimizer="sgd", lr=0.2, activation="relu")
    comparison = compare([one, other])
    assert [run.name for run in comparison.runs] == ["one", "other"]
    rows = {row.key: row.values for row in comparison.differences}
    assert rows["training.optimizer.lr"] == [0.1, 0.2]
    assert rows["network.layers[0].activation"] == ["tanh", "relu"]
    assert set(rows) <= {"training.optimizer.lr", "network.layers[0].activation", "network.layers[0].init"}
    assert compare([one, one]).differences == []


def test_discarded_and_restored(tmp_path: Path) -> None:
    run = create(tmp_path, "one")
    content = (run.path / "experiment.toml").read_bytes()
    discard(run)
    assert list_runs(tmp_path) == []
    assert [entry.name for entry in list_trash(tmp_path)] == ["one"]
    create(tmp_path, "one")
    with pytest.raises(RunError, match="already"):
        restore("one", tmp_path)
    rename(Run.open("one", tmp_path), "two")
    back = restore("one", tmp_path)
    assert (back.path / "experiment.toml").read_bytes() == content
    with pytest.raises(RunError, match="the trash") as caught:
        restore("one", tmp_path)
    assert caught.value.hint == "the trash is empty"
    discard(back)
    assert empty_trash(tmp_path) == 1
    assert list_trash(tmp_path) == []
    assert [run.name for run in list_runs(tmp_path)] == ["two"]


def test_a_running_run_is_neither_discarded_nor_renamed(tmp_path: Path) -> None:
    run = create(tmp_path, "one")
    with lock(run):
        for act in (lambda: discard(run), lambda: rename(run, "two")):
            with pytest.raises(RunError, match="in use"):
                act()
    assert [entry.name for entry in list_runs(tmp_path)] == ["one"]


def test_a_renamed_parent_is_still_the_parent(tmp_path: Path) -> None:
    parent = create(tmp_path, "old")
    create(tmp_path, "child", ForkOrigin("old", 3, 30, parent.status().id))
    renamed = rename(parent, "new")
    assert renamed.experiment().name == "new"
    parents = {run.name: run.parent for run in list_runs(tmp_path)}
    assert parents == {"child": "new", "new": ""}


@pytest.mark.parametrize("name", ["", "..", "a/b", "/x", "x" * 200, "child"])
def test_invalid_names(tmp_path: Path, name: str) -> None:
    run = create(tmp_path, "one")
    create(tmp_path, "child")
    with pytest.raises(NntermError):
        rename(run, name)
    assert {entry.name for entry in list_runs(tmp_path)} == {"one", "child"}
