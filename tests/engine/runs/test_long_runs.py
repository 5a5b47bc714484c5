"""A run of very many updates stays small on disk, opens at once, and keeps its extremes."""

import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.events import AnyEvent, Checkpoint, Command, Epoch, Resumed, Steps
from engine.experiment.experiment import Experiment
from engine.runs import Run
from engine.runs.digest import POINTS, Digest
from engine.runs.digest_file import FILE_NAME, read_digest
from engine.runs.downsample import EXACT_STEPS, Downsampler, bucket_size, in_buckets
from engine.runs.recorder import Recorder
from tests.tui.cli.fakes import epoch

OTHERS = 200


def steps(first: int, losses: list[float | None], seconds: float = 0.1) -> Steps:
    return Steps(time=1.0, step=first, losses=losses, seconds=seconds, epoch=1, learning_rate=0.1)


def command(step: int) -> Command:
    return Command(time=1.0, step=step, command="step")


losses = st.lists(st.floats(0, 9, width=32) | st.none(), min_size=1, max_size=60)


@given(losses, st.integers(1, 70))
def test_groups_keep_count_extremes_and_means(values: list[float | None], size: int) -> None:
    grouped = in_buckets(steps(7, values), size)
    assert grouped.count == len(values)
    if grouped.buckets is None:
        assert grouped.losses == values
        return
    for i, (low, mean, high) in enumerate(
        zip(grouped.buckets.minimum, grouped.buckets.mean, grouped.buckets.maximum, strict=True)
    ):
        group = [value for value in values[i * size : (i + 1) * size] if value is not None]
        if not group:
            assert low is mean is high is None
            continue
        assert (low, high) == (min(group), max(group))
        assert mean is not None
        assert np.isclose(mean, np.mean(group), rtol=1e-5)


def test_the_groups_grow_with_the_run() -> None:
    sizes = [bucket_size(step) for step in (0, EXACT_STEPS - 1, EXACT_STEPS, 10_000_000)]
    assert sizes == [1, 1, 8, 256]


def test_chunks_of_a_long_run_are_merged() -> None:
    downsampler = Downsampler()
    assert downsampler.add(steps(0, [1.0]), 10.0) == steps(0, [1.0])
    assert downsampler.add(steps(1, [2.0], 0.6), 4000.0) is None
    grouped = downsampler.add(steps(2, [3.0], 0.6), 4000.0)
    assert grouped is not None
    assert (grouped.step, grouped.losses, grouped.seconds) == (1, [2.0, 3.0], 1.2)
    assert downsampler.release() is None


@given(st.lists(st.tuples(losses, st.sampled_from(["", "epoch", "resume"])), min_size=1, max_size=12))
def test_a_digest_agrees_with_the_events(story: list[tuple[list[float | None], str]]) -> None:
    digest, by_step = Digest(), {}
    step = 0
    for values, then in story:
        digest.add(steps(step, values))
        by_step |= {step + i: value for i, value in enumerate(values)}
        step += len(values)
        if then == "epoch":
            digest.add(epoch(1, step=step))
        elif then == "resume":
            step = step // 2
            digest.add(Resumed(time=1.0, step=step, path=""))
            by_step = {at: value for at, value in by_step.items() if at < step}
    chunks = [event for event in digest.events() if isinstance(event, Steps)]
    assert sum(chunk.count for chunk in chunks) == len(by_step) == step
    ends = [(chunk.step, chunk.step + chunk.count) for chunk in chunks]
    assert all(end == start for (_, end), (start, _) in pairwise(ends))
    known = [value for value in by_step.values() if value is not None]
    lowest = [low for chunk in chunks if chunk.buckets for low in chunk.buckets.minimum if low is not None]
    if known and not any(then == "resume" for _, then in story):
        assert min(lowest) == min(known)


def test_a_digest_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runs.digest.OTHERS", OTHERS)
    rng, digest = random.Random(0), Digest()
    for first in range(0, 400_000, 1000):
        digest.add(steps(first, [rng.random() for _ in range(1000)]))
    digest.add(steps(400_000, [77.0]))
    (chunk,) = digest.events()
    assert isinstance(chunk, Steps)
    assert chunk.buckets is not None
    assert POINTS / 2 <= len(chunk.buckets.mean) <= 2 * POINTS
    assert max(value for value in chunk.buckets.maximum if value is not None) == 77.0
    for step in range(3 * OTHERS):
        digest.add(command(400_001 + step))
        digest.add(steps(400_001 + step, [1.0]))
    assert len(digest.events()) <= 2 * OTHERS + 2
    assert sum(event.count for event in digest.events() if isinstance(event, Steps)) == 400_001 + 3 * OTHERS


def long_run(home: Path) -> Run:
    run = Run.create(Experiment.quick("moons", [4]), home)
    recorder = Recorder(run.path, run.status())
    recorder.digest = Digest()
    recorder.open()
    for first in range(0, 400_000, 2000):
        recorder.record(steps(first, [0.123456 + i % 7 for i in range(2000)]))
        if first % 100_000 == 0:
            recorder.record(epoch(first // 100_000, step=first + 2000))
    recorder.update_digest(now=True)
    recorder.record(steps(400_000, [5.0]))
    recorder.close()
    return run


def count(events: list[AnyEvent]) -> int:
    return sum(event.count for event in events if isinstance(event, Steps))


def test_a_long_run_is_read_from_its_digest_and_followed_from_there(tmp_path: Path) -> None:
    run = long_run(tmp_path)
    in_short, whole = list(run.events(brief=True)), list(run.events())
    assert len(in_short) < 12 < len(whole)
    assert count(in_short) == count(whole) == 400_001
    assert [e.step for e in in_short if isinstance(e, Epoch)] == [
        e.step for e in whole if isinstance(e, Epoch)
    ]
    follower = run.follow(brief=True)
    assert follower.poll()
    assert [event.step for event in follower.poll()] == [400_000]
    assert not follower.has_more


def test_a_missing_stale_or_damaged_digest_is_ignored(tmp_path: Path) -> None:
    run = long_run(tmp_path)
    log, path = run.path / "events.jsonl", run.path / FILE_NAME
    good = path.read_bytes()
    for content in (good[:-10], b"", b"x" * 100, b"\xff" + good, good.replace(b'"tail":"', b'"tail":"0')):
        path.write_bytes(content)
        assert read_digest(log) == ([], 0)
        assert count(list(run.events(brief=True))) == 400_001
    path.write_bytes(good)
    log.write_bytes(log.read_bytes()[: len(log.read_bytes()) // 2])
    assert read_digest(log) == ([], 0)
    path.unlink()
    assert count(list(run.events(brief=True))) > 0


def test_checkpoints_separate_groups_of_steps(tmp_path: Path) -> None:
    digest = Digest()
    digest.add(steps(0, [1.0, 2.0]))
    digest.add(Checkpoint(time=1.0, step=2, path="x", reason="time"))
    digest.add(steps(2, [3.0]))
    assert [type(event).__name__ for event in digest.events()] == ["Steps", "Checkpoint", "Steps"]
