"""Arbitrary content in a run's folder: readable parts are shown, others reported in one line, nothing is made worse."""

import contextlib
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import NntermError
from engine.runs import Run, compare, kept_checkpoints, list_runs
from engine.runs.follow import LONGEST_LINE
from engine.runs.history import read_history
from engine.runs.status import read_status
from tests.engine.runs.workshop import Workshop

FILES = ("events.jsonl", "commands.jsonl", "status.json", "experiment.toml", "brief.jsonl")
VALUES = (b"null", b"[]", b'"x"', b"1e999", b"-1", b"9" * 400, b"true", b"{}", b"\x00", b"\xff\xfe")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run that was killed, changed and resumed, with every kind of file."""
    with pytest.MonkeyPatch.context() as patch:
        shop = Workshop(tmp_path_factory.mktemp("home"), patch)
        shop.work(dies_at=20)
        shop.run.command("set", "training.optimizer.lr", 0.01)
        shop.resume()
        shop.work()
        (shop.run.path / "brief.jsonl").write_bytes(b'{"type":"brief","covers":10,"tail":"x"}\n')
        yield shop.run


@pytest.fixture
def copy(original: Run, tmp_path: Path) -> Run:
    return Run(shutil.copytree(original.path, tmp_path / "runs" / original.name))


def look_at(run: Run) -> None:
    """All functions that only read."""
    list(run.events())
    list(run.events(brief=True))
    read_history(run.path)
    assert len(list_runs(run.path.parent.parent)) == 1
    for read in (
        run.status,
        run.experiment,
        run.network,
        lambda: compare([run, run]),
        lambda: kept_checkpoints(run),
    ):
        with contextlib.suppress(NntermError):
            read()


def contents(run: Run) -> dict[str, bytes]:
    files = (path for path in run.path.rglob("*") if path.is_file() and path.name != "worker.lock")
    return {str(path.relative_to(run.path)): path.read_bytes() for path in files}


@pytest.mark.parametrize("name", FILES)
def test_cut_off_anywhere(copy: Run, name: str) -> None:
    path = copy.path / name
    whole = path.read_bytes()
    for size in sorted(
        {*range(0, len(whole), max(1, len(whole) // 30)), *range(max(0, len(whole) - 10), len(whole))}
    ):
        path.write_bytes(whole[:size])
        before = contents(copy)
        look_at(copy)
        assert contents(copy) == before


@pytest.mark.parametrize("name", FILES)
def test_changed_bytes_and_values(copy: Run, name: str) -> None:
    path, rng = copy.path / name, random.Random(name)
    whole = path.read_bytes()
    for _ in range(40):
        content = bytearray(whole)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(content))
            content[at : at + rng.randint(0, 6)] = (
                rng.choice(VALUES) if rng.random() < 0.5 else rng.randbytes(1)
            )
        path.write_bytes(content)
        look_at(copy)


def test_truncated_or_changed_checkpoints_are_never_used(original: Run, tmp_path: Path) -> None:
    rng = random.Random(1)
    for turn in range(20):
        run = Run(shutil.copytree(original.path, tmp_path / str(turn)))
        (run.path / "live.safetensors").unlink()
        for path in (run.path / "checkpoints").glob("*.safetensors"):
            content = bytearray(path.read_bytes())
            if turn % 2:
                content = content[: rng.randrange(len(content))]
            else:
                content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
            path.write_bytes(content)
        with pytest.raises(NntermError):
            run.network()
        look_at(Run(shutil.copytree(run.path, tmp_path / f"home-{turn}" / "runs" / "one")))


def test_a_huge_file_costs_neither_memory_nor_time(copy: Run) -> None:
    for name in FILES:
        with (copy.path / name).open("ab") as stream:
            stream.truncate(100 << 20)  # one line of 100 MB
    before = _peak()
    look_at(copy)
    assert _peak() - before < 8 * LONGEST_LINE


def _peak() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@settings(max_examples=60)
@given(
    name=st.text(max_size=30)
    | st.sampled_from(["../x", "/etc", "a/../../b", "..", ".", "a\x00b", "a\nb", "~x"])
)
def test_no_name_leads_out_of_the_home(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    home = tmp_path_factory.getbasetemp() / "names"
    try:
        run = Run.open(name, home)
    except NntermError:
        return
    assert run.path.parent == home / "runs"


def test_a_status_of_a_future_version_is_read(copy: Run) -> None:
    path = copy.path / "status.json"
    path.write_bytes(path.read_bytes().replace(b'{"state"', b'{"mood":[1,{"x":2}],"state"'))
    assert read_status(copy.path).state == "finished"


def test_events_of_a_newer_version_are_counted(copy: Run) -> None:
    with (copy.path / "events.jsonl").open("ab") as stream:
        stream.write(
            b'{"type":"dream","step":1,"time":2.0}\n{"type":"failed","time":1.0,"step":1,"message":"m","new":[1]}\n'
        )
    follower = copy.follow()
    events = []
    while follower.has_more:
        events += follower.poll()
    assert (follower.unknown_lines, follower.bad_lines) == (1, 0)
    assert events[-1].step == 1


def test_a_read_only_folder(copy: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    original = os.open

    def read_only(path: str, flags: int, *rest: int, **more: int) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(30, "Read-only file system", str(path))
        return original(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", read_only)
    look_at(copy)
    from engine.runs import resume

    with pytest.raises(NntermError, match="Read-only file system"):
        copy.command("pause")
    with pytest.raises(NntermError, match=r"cannot (lock|write)"):
        resume(copy, {"training.epochs": 9})


def test_events_of_a_newer_version_are_reported(copy: Run) -> None:
    from engine.runs.timeline import count_newer_events
    from tui.cli.show import describe_run, run_as_json

    assert count_newer_events(copy.path) == 0
    assert not any("newer nnterm" in line for line in describe_run(copy))
    with (copy.path / "events.jsonl").open("ab") as stream:
        stream.write(b'{"type":"dream","step":1,"time":2.0}\n' * 12 + b'{"type":"epoch","st\n\n')
        stream.write(b'{"type":"dream","step":1,"ti')
    assert describe_run(copy)[-1] == "12 events of a newer nnterm skipped"
    assert run_as_json(copy)["newer_events"] == 12
