"""Every block of docs/python.md runs, in order, in one session; its own classes load in other processes."""

import re
from pathlib import Path
from typing import Any

import pytest

from engine.plugins.loading import VARIABLE
from tests.engine.plugged import free_registries

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_the_blocks_run_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    session: dict[str, Any] = {"__name__": "session"}
    with free_registries():
        for block in BLOCKS:
            exec(compile(block, "a block of the page", "exec"), session)
    out = capsys.readouterr().out
    assert "finished 0." in out or "stopped 0." in out
    assert "b1[" in out
    assert "300 samples or outputs, the mean over them is missing" in out
    assert session["difference"] < 1e-6
    assert session["quadrants"].data.dataset.endswith("quadrants.npz")
    assert len(session["results"]) == 4


def test_the_page_names_every_way_of_registering() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert VARIABLE in text
    assert "from engine.plugins import" in text
