"""docs/api.md describes every public name of the engine, and its example runs."""

import re
from pathlib import Path
from typing import Any

import pytest

import engine
from tests.docs.api_page import PAGE, page


def test_the_page_is_written_from_the_docstrings() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: make notes"


def test_every_public_name_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in engine.__all__ if f"`{name}`" not in text] == []


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = re.search(r"```python\n(import engine.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(found[1].replace("epochs=3", "epochs=1, limit=500"), names)
    assert names["network"].n_parameters == 109_386
