"""`commands.jsonl`: valid requests are read, others are refused with a reason."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import RunError
from engine.runs.commands import CommandReader, append_command, decode_request

RATE = "training.optimizer.lr"


def test_commands_come_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"
    reader = CommandReader(path)
    assert reader.poll() == []
    for command in ("pause", "step", "resume", "checkpoint", "stop"):
        append_command(path, command)
    append_command(path, "set", RATE, 0.5)
    requests = reader.poll()
    assert [request.command for request in requests] == [
        "pause",
        "step",
        "resume",
        "checkpoint",
        "stop",
        "set",
    ]
    assert (requests[-1].key, requests[-1].value) == (RATE, 0.5)
    assert not any(request.refused for request in requests)
    assert reader.poll() == []
    assert CommandReader(path, offset=reader.offset).poll() == []


def test_an_incomplete_line_affects_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"
    path.write_bytes(b'{"command":"pau')
    reader = CommandReader(path)
    assert reader.poll() == []
    append_command(path, "stop")
    torn, stop = reader.poll()
    assert torn.refused
    assert (stop.command, stop.refused) == ("stop", None)


@pytest.mark.parametrize("value", [0, -1, True, None, "0.1", float("nan"), float("inf"), 10**400, [0.1]])
def test_invalid_learning_rates_are_not_sent(tmp_path: Path, value: object) -> None:
    with pytest.raises(RunError, match="must be a number above 0"):
        append_command(tmp_path / "commands.jsonl", "set", RATE, value)
    assert not (tmp_path / "commands.jsonl").exists()


def test_measuring_is_turned_on_or_off(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"
    append_command(path, "measure", value=True)
    assert path.read_text() == '{"command":"measure","value":true}\n'
    assert [(r.value, r.refused) for r in CommandReader(path).poll()] == [(True, None)]
    with pytest.raises(RunError, match="must be true or false"):
        append_command(path, "measure", value=1)


def test_unknown_commands_are_not_sent(tmp_path: Path) -> None:
    with pytest.raises(RunError) as caught:
        append_command(tmp_path / "commands.jsonl", "pawse")
    assert 'did you mean "pause"?' in caught.value.hint
    with pytest.raises(RunError, match="seed"):
        append_command(tmp_path / "commands.jsonl", "set", "seed", 1)


@pytest.mark.parametrize(
    "line",
    [
        b"rubbish",
        b"[]",
        b"{}",
        b'"stop"',
        b'{"command":1}',
        b'{"command":"explode"}',
        b'{"command":"set"}',
        b'{"command":"measure"}',
        b'{"command":"measure","value":"yes"}',
        b'{"command":"set","key":"seed","value":1}',
        b'{"command":"set","key":"training.optimizer.lr"}',
        b'{"command":"set","key":"training.optimizer.lr","value":1e999}',
        b'{"command":"set","key":"training.optimizer.lr","value":-0.5}',
        b'{"command":"set","key":"training.optimizer.lr","value":%s}' % (b"9" * 500),
        b'{"command":"set","key":"training.optimizer.lr","value":%s1%s}' % (b"[" * 5000, b"]" * 5000),
        b"\xff\xfe{}",
    ],
)
def test_bad_lines_are_refused_with_a_short_message(line: bytes) -> None:
    request = decode_request(line)
    assert request.refused
    assert len(repr(request)) < 600


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_no_bytes_break_the_reader(line: bytes) -> None:
    assert decode_request(line).refused


def test_a_huge_line_is_refused_once(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"
    path.write_bytes(b"z" * 9_000_000 + b'\n{"command":"stop"}\n')
    reader = CommandReader(path)
    requests = []
    while reader.has_more:
        requests += reader.poll()
    assert [bool(request.refused) for request in requests] == [True, False]
