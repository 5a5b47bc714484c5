"""One key has one meaning: every binding of every class in `tui` is in the table of keys."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import ModalScreen

import tui
from tui.actions import ANY, KEYS, Key


def bindings() -> Iterator[tuple[type[DOMNode], Binding]]:
    """Yield each binding that a class of `tui` declares, a key at a time."""
    seen: set[type] = set()
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        for _, cls in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(cls, DOMNode) and cls.__module__.startswith("tui.") and cls not in seen:
                seen.add(cls)
                for binding in Binding.make_bindings(vars(cls).get("BINDINGS", [])):
                    yield cls, binding


def place_of(cls: type[DOMNode]) -> str:
    """Return the name of the place where a row of the table may have a meaning of its own."""
    if issubclass(cls, ModalScreen):
        return "dialogs"
    return {"DrawingPad": "pad", "WalkScreen": "walk"}.get(cls.__name__, "")


def allows(row: Key, key: str, binding: Binding) -> bool:
    name = binding.action.partition("(")[0].rpartition(".")[2]
    return key in row.keys.split(",") and (row.actions == ANY or name in row.actions.split())


def is_allowed(cls: type[DOMNode], binding: Binding) -> bool:
    rows = [row for row in KEYS if row.where in ("", place_of(cls))]
    return any(allows(row, binding.key, binding) for row in rows)


def test_every_binding_has_the_meaning_of_its_key() -> None:
    wrong = sorted(
        {
            f"{cls.__name__}: {binding.key} {binding.action}"
            for cls, binding in bindings()
            if not is_allowed(cls, binding)
        }
    )
    assert wrong == []


def test_the_walk_finds_bindings_of_all_kinds() -> None:
    found = {(cls.__name__, binding.key) for cls, binding in bindings()}
    assert {("NntermApp", "f3"), ("ConfirmDialog", "y"), ("AdviceList", "enter")} <= found


@pytest.mark.parametrize(
    ("cls", "key", "action"),
    [
        (DOMNode, "d", "duplicate"),  # another meaning
        (DOMNode, "left", "step(-1)"),  # an arrow that changes a value
        (DOMNode, "ctrl+k", "back"),  # not in the table
        (DOMNode, "y", "dismiss(True)"),  # only in a dialog
    ],
)
def test_another_meaning_is_found(cls: type[DOMNode], key: str, action: str) -> None:
    assert not is_allowed(cls, Binding(key, action))


def test_a_key_stands_once_for_each_place() -> None:
    places: list[Any] = [(row.where, key) for row in KEYS for key in row.keys.split(",")]
    twice = {place for place in places if places.count(place) > 1}
    assert twice <= {("dialogs", "y")}  # yes, and closing what only informs
