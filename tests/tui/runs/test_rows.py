"""The rows of the table of runs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runs import RunSummary
from tui.runs.rows import Order, arrange


def run(name: str, **changes: Any) -> RunSummary:
    return RunSummary(name=name, path=f"/runs/{name}", **{"state": "finished", **changes})


def listed(runs: list[RunSummary], order: Order | None = None, **how: Any) -> list[str]:
    return [row.cell("name") for row in arrange(runs, order or Order("name"), now=1000.0, **how)]


def test_families_are_drawn_as_a_tree() -> None:
    runs = [
        run("a"),
        run("b", parent="a"),
        run("c", parent="b"),
        run("d", parent="a"),
        run("e", parent="gone"),
    ]
    assert listed(runs) == ["a", "├ b", "│ └ c", "└ d", "e"]
    assert listed(runs, as_tree=False) == ["a", "b", "c", "d", "e"]


def test_parents_in_a_circle_are_still_listed() -> None:
    assert sorted(listed([run("a", parent="b"), run("b", parent="a"), run("c")])) == ["a", "b", "c"]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=10))
def test_every_run_is_listed_once_for_any_parents(parents: list[int]) -> None:
    runs = [run(f"r{i}", parent=f"r{parent}") for i, parent in enumerate(parents)]
    assert sorted(row.name for row in arrange(runs, Order("name"))) == sorted(one.name for one in runs)


def test_runs_without_a_value_are_last_in_either_direction() -> None:
    runs = [run("none"), run("low", best_validation_loss=0.1), run("high", best_validation_loss=0.9)]
    assert listed(runs, Order("best_loss")) == ["low", "high", "none"]
    assert listed(runs, Order("best_loss", descending=True)) == ["high", "low", "none"]


def test_states_are_sorted_by_urgency() -> None:
    states = ["finished", "lost", "running", "damaged"]
    assert listed([run(state, state=state) for state in states], Order("state")) == [
        "running",
        "lost",
        "damaged",
        "finished",
    ]


@pytest.mark.parametrize(("seconds", "word"), [(5, "now"), (300, "5 min"), (7200, "2 h")])
def test_ages(seconds: int, word: str) -> None:
    (row,) = arrange([run("a", created=1000.0)], Order(), now=1000.0 + seconds)
    assert row.cell("age") == word


def test_a_start_in_the_future_is_age_zero() -> None:
    (row,) = arrange([run("a", created=5000.0)], Order(), now=1000.0)
    assert row.cell("age") == "now"


def test_the_order_goes_through_the_shown_columns_and_to_the_left_of_them_in_the_opposite_direction() -> None:
    keys = ["name", "lr", "best_acc"]
    natural = [Order("name"), Order("lr"), Order("best_acc", descending=True)]
    order = Order("age")
    for expected in (*natural, *natural):
        order = order.next(1, keys)
        assert order == expected
    order = natural[0]
    for expected in [natural[i].inverted() for i in (2, 1, 0)] + natural[::-1]:
        order = order.next(-1, keys)
        assert order == expected
    assert Order("age").next(-1, keys) == natural[-1]
    assert order.by(order.key) == order.inverted()
    assert Order("name").by("best_acc").descending
