"""Every JSON line of every command, against docs/json.md: no field is sent that the page does not name."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.bench import BenchRow, SkippedRow
from engine.devices.facts import Nvidia, Torch
from engine.runs import Run
from tests.tui.cli.conftest import Nnterm, Result
from tests.tui.cli.fakes import failed
from tests.waiting import wait_until
from tui.cli.display import JsonDisplay

PAGE = Path(__file__).parents[3] / "docs" / "json.md"
SMALL = ("--layers", "3", "--epochs", "1")


def documented() -> dict[str, set[str]]:
    """Return the fields of each type that the page names; a type with two tables has those of both."""
    fields: dict[str, set[str]] = defaultdict(set)
    for section in PAGE.read_text(encoding="utf-8").partition("## Objects")[0].split("\n### ")[1:]:
        tag = section.partition("\n")[0].strip("`")
        fields[tag] |= set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
    return fields


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Return a file of small images in two classes."""
    rng = np.random.default_rng(0)
    path = tmp_path / "images.npz"
    np.savez(path, x=rng.random((60, 1, 8, 8)), y=np.arange(60) % 2)
    return path


def of_trainings(nnterm: Nnterm, home: Path, images: Path) -> Iterator[Result]:
    """Yield what the commands of runs write, for three trainings of an epoch."""
    zeros = ("--set", "network.layers[0].init=zeros", "--doctor", "--name", "a")
    yield nnterm("train", "--dataset", "moons", *SMALL, *zeros, "--json")
    yield nnterm("train", "--dataset", "sine", *SMALL, "--name", "b", "--json")
    yield nnterm("train", "--dataset", str(images), *SMALL, "--name", "c", "--detach", "--json")
    wait_until(lambda: Run.open("c", home).status().is_over)
    run = Run.open("c", home)
    run.command("set", key="training.optimizer.lr", value=0.02)
    yield nnterm("resume", "c", "--set", "epochs=2", "--json")
    for command in (
        *("runs", "show a", "compare a b", "replay b", "evaluate a", "evaluate b", "inspect a --all"),
        *("inspect b --fit", "inspect c --draw", "diagnose a", "diagnose --explain zero-init"),
        *("check --run a", "diagnose a --apply zero-init", "show --config b"),
    ):
        yield nnterm(*command.split(), "--json")


def of_experiments(nnterm: Nnterm, folder: Path) -> Iterator[Result]:
    """Yield what the other commands write."""
    xor = "--dataset xor --layers 2"
    for command in (
        *(
            f"check {xor} --steps 2",
            f"check {xor} --explain",
            f"try overfit {xor}",
            "try",
            "devices",
            "bench",
        ),
        *("data list", "data show xor", "config", "config --keys", "version", "show nowhere"),
        f"init {folder}/written.toml",
    ):
        yield nnterm(*command.split(), "--json")


@pytest.fixture
def lines(
    nnterm: Nnterm,
    home: Path,
    images: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> list[dict[str, Any]]:
    """Return the lines of every command."""
    row, skipped = (
        BenchRow("xor-sgd", "torch", 2.0, 100.0, 50.0, (1.9, 2.1)),
        SkippedRow("xor-sgd", "jax", "-"),
    )
    monkeypatch.setattr("engine.bench.run_bench", lambda **_: iter((row, skipped)))
    monkeypatch.setattr("engine.devices.survey.ask_torch", lambda *_, **__: Torch())
    monkeypatch.setattr("engine.devices.survey.read_nvidia", lambda *_, **__: Nvidia())
    found = [
        line
        for result in (*of_trainings(nnterm, home, images), *of_experiments(nnterm, images.parent))
        for line in result.lines
    ]
    capsys.readouterr()
    with JsonDisplay("a") as display:
        display.show(failed("broken"))
    return found + [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_json_lines(lines: list[dict[str, Any]]) -> None:
    every_line_and_field_is_documented_and_sent(lines)
    one_thing_has_one_name(lines)
    a_check_names_its_run_and_sends_each_parameter_once(lines)


def every_line_and_field_is_documented_and_sent(lines: list[dict[str, Any]]) -> None:
    page = documented()
    undocumented = {
        f"{line['type']}.{name}"
        for line in lines
        for name in line
        if name != "type" and name not in page[line["type"]]
    }
    assert undocumented == set()
    assert {line["type"] for line in lines} == {tag for tag, fields in page.items() if fields}
    unsent = {
        f"{tag}.{name}"
        for tag, names in page.items()
        for name in names - {name for line in lines if line["type"] == tag for name in line}
    }
    assert unsent == set()


def one_thing_has_one_name(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        if line["type"] in ("run", "evaluation", "inspected", "launched", "replayed", "started"):
            assert line["run"] in ("a", "b", "c")
    by_type = {line["type"]: line for line in lines}
    assert by_type["run"]["name"] == by_type["run"]["run"]
    assert all(run["run"] == run["name"] for run in by_type["comparison"]["runs"])
    evaluated = [line for line in lines if line["type"] == "evaluation"]
    overview = [line for line in lines if line["type"] == "overview"]
    assert evaluated[0]["test_accuracy"] == evaluated[0]["test"]["accuracy"] == overview[0]["test_accuracy"]
    assert evaluated[1]["train_accuracy"] is None
    started = next(line for line in lines if line["type"] == "started")
    assert overview[0]["n_parameters"] == overview[0]["parameters"] == started["n_parameters"]


def a_check_names_its_run_and_sends_each_parameter_once(lines: list[dict[str, Any]]) -> None:
    check = next(line for line in lines if line["type"] == "check_started")
    rows = [line for line in lines if line["type"] == "parameter"]
    assert check["run"] == "a"
    assert set(Counter(row["name"] for row in rows).values()) == {1}
    assert {row["name"] for row in rows} == {*(one["name"] for one in check["parameters"]), "input"}
    assert all(row["torch"] is not None and row["finite_difference"] is not None for row in rows)
