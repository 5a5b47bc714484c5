"""Every command block of README.md and docs/ does what the page says, in order, in an empty home."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from engine.experiment.experiment import Experiment
from tests.docs.command_blocks import FEW, ROOT, Block, Shell, blocks_of, parse_block, unmarked_commands
from tests.tui.cli.conftest import STARTERS
from tests.worker_server import WorkerServer

ELSEWHERE = {
    "api.md": "signatures, written from docstrings",
    "json.md": "written from real output",
    "python.md": "run by the test of that page",
    "runs.md": "run by tests/test_docs_runs.py in a real shell",
}
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs").glob("*.md")) if page.name not in ELSEWHERE),
]
WITH_BLOCKS = [page for page in PAGES if blocks_of(page)]


@pytest.fixture(scope="module")
def workers() -> Iterator[WorkerServer]:
    with WorkerServer() as server:
        yield server


@pytest.fixture
def shell(tmp_path: Path, workers: WorkerServer, monkeypatch: pytest.MonkeyPatch) -> Shell:
    home = tmp_path / "home"
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("NNTERM_HOME", str(home))
    for name in STARTERS:
        monkeypatch.setattr(import_module(name), "start_worker", workers.start_worker)
    quick = Experiment.quick.__func__  # type: ignore[attr-defined]

    def with_few_samples(
        cls: type[Experiment], /, dataset: str, layers: Any = None, **options: Any
    ) -> Experiment:
        if dataset == "mnist":
            options.setdefault("limit", int(FEW[1]))
        return quick(cls, dataset, layers, **options)  # type: ignore[no-any-return]

    monkeypatch.setattr(Experiment, "quick", classmethod(with_few_samples))
    return Shell(home)


@pytest.mark.parametrize("page", WITH_BLOCKS, ids=[page.name for page in WITH_BLOCKS])
def test_every_command_block(page: Path, shell: Shell) -> None:
    for block in blocks_of(page):
        if block.mark == "not run":
            print(f"{block.page}:{block.line}: not run: {block.reason}")
        elif block.mark == "parsed only":
            print(f"{block.page}:{block.line}: parsed only: {block.reason}")
            parse_block(block)
        else:
            shell.run(block)


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_no_command_stands_in_a_block_that_is_not_run(page: Path) -> None:
    assert not unmarked_commands(page), "give the block a language: sh"


@pytest.mark.parametrize(
    "text", ["nnterm train --dataset moons --epoch 3", "nnterm trian", "nnterm show nothing"]
)
def test_a_wrong_command_is_found(text: str, shell: Shell) -> None:
    with pytest.raises(AssertionError, match="exit code 2"):
        shell.run(Block("page.md", 1, "sh", text))
