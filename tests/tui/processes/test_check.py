"""Gradient checks in real child processes, and ending them."""

import asyncio
import sys
from contextlib import aclosing
from pathlib import Path

import psutil
import pytest

from engine.gradcheck.events import CheckFinished, CheckStarted
from tests.tui.hosts import PATIENCE_S
from tui.processes import check as check_process
from tui.processes.check import CheckError, CheckLine, arguments_for


async def collected(*arguments: str) -> list[CheckLine]:
    async with aclosing(check_process.check(arguments)) as events:
        return [event async for event in events]


async def test_bad_input_ends_in_one_error(tmp_path: Path) -> None:
    events = await collected(str(tmp_path / "none.toml"), "--json")
    assert [type(event) for event in events] == [CheckError]
    assert "none.toml" in events[0].message  # type: ignore[union-attr]


async def test_a_correct_network_passes_in_a_process() -> None:
    events = await collected("--dataset", "xor", "--layers", "4", "--json", "--no-torch")
    finished = events[-1]
    assert isinstance(finished, CheckFinished)
    assert finished.passed, finished.message


async def test_a_process_that_dies_without_output_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = tmp_path / "python"
    script.write_text(
        '#!/bin/sh\necho \'{"type":"check_progress","done":1,"total":2,"phase":"x"}\'\necho boom >&2\nexit 3\n'
    )
    script.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(script))
    events = await collected("--json")
    assert events[-1] == CheckError("the check stopped without a result: boom")


async def test_leaving_the_stream_ends_the_process() -> None:
    me, started = psutil.Process(), False
    async with aclosing(
        check_process.check(["--dataset", "xor", "--layers", "4", "--json", "--no-torch"])
    ) as events:
        async for event in events:
            if isinstance(event, CheckStarted):
                started = True
                break
    assert started
    async with asyncio.timeout(PATIENCE_S):
        while any(
            "check" in child.cmdline() for child in me.children() if child.status() != psutil.STATUS_ZOMBIE
        ):
            await asyncio.sleep(0.01)


async def test_unknown_devices_default_to_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_process, "_LIST_DEVICES", ("-c", "raise SystemExit('no torch')"))
    assert await check_process.list_devices() == (check_process.CPU,)


async def test_devices_are_those_of_pytorch() -> None:
    first = (await check_process.list_devices())[0]
    assert (first.name, first.dtypes) == ("cpu", ("float64", "float32"))
    assert first.title.startswith("CPU, 1 thread")


def test_arguments_name_the_source_the_home_and_where_to_compute(tmp_path: Path) -> None:
    assert arguments_for(["--run", "r"], tmp_path, "cpu", "float32") == [
        *("--run", "r", "--home", str(tmp_path), "--early", "--device", "cpu", "--dtype", "float32", "--json")
    ]
    assert "--home" not in arguments_for(["x.toml"], None, "auto", "auto")
