"""Registration of toys whose registry is a folder or a module."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.doctor import rule, rules
from engine.inspection.registry import VIEWS, view_module
from tests.toys import view

RULES = Path(__file__).with_name("rules")


@contextmanager
def rule_files() -> Iterator[None]:
    """Scan `tests/toys/rules` besides `engine/doctor/rules`, for the duration of the context."""
    known = len(rule.all_rules())
    rules.__path__.append(str(RULES))
    rule.all_rules.cache_clear()
    try:
        yield
    finally:
        rules.__path__.remove(str(RULES))
        for path in RULES.glob("*.py"):
            sys.modules.pop(f"{rules.__name__}.{path.stem}", None)
        del rule._RULES[known:]
        rule.all_rules.cache_clear()


def register_view(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add the view `size` as a file of `engine/inspection/views` and a line of its registry."""
    monkeypatch.setitem(sys.modules, view_module("size"), view)
    monkeypatch.setattr("engine.inspection.registry.VIEWS", (*VIEWS, "size"))
