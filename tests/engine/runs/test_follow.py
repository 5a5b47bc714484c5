"""A follower returns each complete line once, whatever the writer does."""

import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from engine.events import Failed
from engine.runs import Follower
from engine.runs.follow import LONGEST_LINE
from engine.runs.log import encode_event


def event(step: int, size: int = 0) -> Failed:
    return Failed(time=1.0, step=step, message="x" * size)


def steps(follower: Follower, limit: int = 1 << 20) -> list[int]:
    return [event.step for event in follower.poll(limit)]


def test_a_missing_file_has_no_lines(tmp_path: Path) -> None:
    follower = Follower(tmp_path / "events.jsonl")
    assert follower.poll() == []
    assert not follower.has_more


def test_a_line_is_read_once_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    follower = Follower(path)
    line = encode_event(event(1))
    with path.open("ab", buffering=0) as stream:
        for i in range(len(line) - 1):
            stream.write(line[i : i + 1])
            assert follower.poll() == []
        stream.write(b"\n" + encode_event(event(2)))
    assert steps(follower) == [1, 2]
    assert steps(follower) == []
    assert follower.bad_lines == 0


def test_an_incomplete_line_that_the_next_writer_removes_is_never_read(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    follower = Follower(path)
    path.write_bytes(encode_event(event(1)) + b'{"type":"failed","ti')
    assert steps(follower) == [1]
    with path.open("r+b") as stream:
        stream.truncate(len(encode_event(event(1))))
    with path.open("ab") as stream:
        stream.write(encode_event(event(2)))
    assert steps(follower) == [2]
    assert follower.bad_lines == 0


def test_bad_lines_are_counted_and_unknown_types_are_not(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    good = encode_event(event(1))
    path.write_bytes(b'\n  \n{"type":"new"}\nrubbish\n\xff\xfe\n' + good + b"[]\n" + good)
    follower = Follower(path)
    assert steps(follower) == [1, 1]
    assert follower.bad_lines == 3


def test_a_poll_reads_no_more_than_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    lines = [encode_event(event(step)) for step in range(100)]
    path.write_bytes(b"".join(lines))
    follower = Follower(path)
    seen: list[int] = []
    while follower.has_more:
        news = steps(follower, limit=5 * len(lines[-1]))
        assert len(news) <= 6
        seen += news
    assert seen == list(range(100))


def test_a_line_longer_than_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(encode_event(event(1, size=5000)) + encode_event(event(2)))
    follower = Follower(path)
    seen = steps(follower, limit=10)
    assert seen[0] == 1
    assert seen + steps(follower, limit=10) == [1, 2]


def test_a_huge_line_is_skipped_without_being_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"y" * (2 * LONGEST_LINE + 5) + b"\n" + encode_event(event(2)))
    follower = Follower(path)
    seen: list[int] = []
    while follower.has_more:
        seen += steps(follower)
    assert seen == [2]
    assert follower.bad_lines == 1


def test_a_file_that_was_replaced_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(encode_event(event(1)) * 5)
    follower = Follower(path)
    assert steps(follower) == [1] * 5
    other = tmp_path / "other"
    other.write_bytes(encode_event(event(2)) * 7)
    other.replace(path)
    assert steps(follower) == [2] * 7


@given(cuts=st.lists(st.integers(0, 500), max_size=8), limit=st.integers(1, 400))
def test_however_the_bytes_arrive_each_event_is_read_once(cuts: list[int], limit: int) -> None:
    content = b"".join(encode_event(event(step, size=step)) for step in range(6))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        follower = Follower(path)
        seen: list[int] = []
        edges = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
        for start, end in pairwise(edges):
            with path.open("ab") as stream:
                stream.write(content[start:end])
            seen += steps(follower, limit)
        while follower.has_more:
            seen += steps(follower, limit)
    assert seen == list(range(6))
