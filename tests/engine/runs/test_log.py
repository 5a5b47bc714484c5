"""`events.jsonl`: complete lines or nothing."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.events import Epoch, Event, Failed, Finding, Resumed, Steps
from engine.runs.log import DamagedLineError, EventWriter, decode_event, encode_event

FAILED = Failed(time=1.0, step=2, message="é\n")


def test_events_come_back_equal() -> None:
    events: list[Event] = [
        Steps(time=1.5, step=3, losses=[0.5, None], seconds=0.1, epoch=1, learning_rate=0.1),
        Resumed(time=2.0, step=3, path="checkpoints/step-00000003.safetensors"),
        Finding(time=2.0, step=3, code="dead-relu", severity="warning", message="m", evidence={"share": 0.5}),
        FAILED,
    ]
    for event in events:
        line = encode_event(event)
        assert line.count(b"\n") == 1
        assert line.endswith(b"\n")
        assert decode_event(line) == event


def test_numbers_that_are_not_finite_become_null() -> None:
    event = Epoch(
        time=1.0,
        step=1,
        epoch=1,
        train_loss=float("nan"),
        train_accuracy=None,
        validation_loss=float("inf"),
        validation_accuracy=None,
        learning_rate=0.1,
        samples_per_s=1.0,
        seconds=1.0,
    )
    back = decode_event(encode_event(event))
    assert isinstance(back, Epoch)
    assert back.train_loss is None
    assert back.validation_loss is None


def test_a_type_of_a_newer_version_is_skipped() -> None:
    assert decode_event(b'{"type":"hologram","time":1,"step":2,"what":[1]}') is None


def test_a_field_of_a_newer_version_is_ignored() -> None:
    assert decode_event(encode_event(FAILED)[:-2] + b',"mood":"sad"}') == FAILED


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_break_the_reader(line: bytes) -> None:
    try:
        decode_event(line)
    except DamagedLineError:
        return


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"{}", b'{"type":"steps"}', b'{"type":"failed","time":"x"}', b"[" * 9999]
)
def test_damaged_lines_are_reported(line: bytes) -> None:
    with pytest.raises(DamagedLineError):
        decode_event(line)


@pytest.mark.parametrize("torn", [b"{", b'{"type":"ste', b"x" * 200_000])
@pytest.mark.parametrize("kept", [b"", encode_event(FAILED) * 3])
def test_an_incomplete_last_line_is_removed(tmp_path: Path, kept: bytes, torn: bytes) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(kept + torn)
    with EventWriter(path) as writer:
        assert path.read_bytes() == kept
        writer.write(FAILED)
    assert path.read_bytes() == kept + encode_event(FAILED)


def test_a_line_that_does_not_fit_on_the_disk_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "events.jsonl"
    real_write = os.write
    room = [10]

    def write(descriptor: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = real_write(descriptor, data[: room[0]])
        room[0] -= written
        return written

    with EventWriter(path) as writer:
        writer.write(FAILED)
        monkeypatch.setattr(os, "write", write)
        with pytest.raises(OSError, match="No space left"):
            writer.write(FAILED)
        assert path.read_bytes() == encode_event(FAILED)
        monkeypatch.undo()
        writer.write(FAILED)
    assert path.read_bytes() == encode_event(FAILED) * 2
