"""No text that somebody else wrote makes a terminal do anything but show it."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.data.labels import read_targets
from engine.errors import ExperimentError, NntermError
from engine.events import Failed
from engine.experiment.experiment import Experiment
from engine.printable import printable, printable_json, printable_lines
from engine.runs import Run
from engine.runs.log import decode_event, encode_event
from engine.runs.status import write_status

EVIL = "\x1b]0;title\x07 \x9b31m red\r\nnext\tline"
HARMLESS = r"\x1b]0;title\x07 \x9b31m red\x0d" + "\nnext\tline"
TEXTS = st.text(st.sampled_from('\\\\"abu01f/\x00\x08\x09\x0a\x0c\x0d\x0e\x1b\x7f\x80\x9f\xa0Â漢😀'))


def test_control_characters_are_spelt_out() -> None:
    assert printable_lines(EVIL) == HARMLESS
    assert printable("a\n\tb") == r"a\x0a\x09b"
    assert printable("naïve 漢字 👩‍🔬 \\x1b") == "naïve 漢字 👩‍🔬 \\x1b"


@example(EVIL)
@example("\\\x1b\\\\\x1b\\u001b")
@given(TEXTS)
def test_json_is_decoded_to_what_the_texts_would_be_made_of(text: str) -> None:
    expected = printable_lines(text)
    units = text.encode("utf-16-be").hex(" ", 2).upper().split()
    escaped = '"' + "".join("\\u" + unit for unit in units) + '"'
    for encoded in (
        json.dumps(text).encode(),
        json.dumps(text, ensure_ascii=False).encode(),
        escaped.encode(),
    ):
        assert json.loads(printable_json(encoded)) == expected
    assert msgspec.json.decode(printable_json(msgspec.json.encode([{text: text}]))) == [{expected: expected}]


@pytest.mark.parametrize(
    "damaged", [b"\\", b'"\\', b'"\\u00', b"\x7f", b"\xc2\x85", b'"\xc2', b'"\xe2\xc2\x85"']
)
def test_damaged_json_stays_damaged(damaged: bytes) -> None:
    with pytest.raises((msgspec.MsgspecError, UnicodeDecodeError)):
        msgspec.json.decode(printable_json(damaged))


def test_a_run_from_elsewhere_is_shown_and_does_nothing(tmp_path: Path) -> None:
    run = Run.create(Experiment.quick("xor", [2]), tmp_path)
    write_status(run.path, msgspec.structs.replace(run.status(), message=EVIL, network="4\x1b[7m-1"))
    assert run.status().message == HARMLESS
    assert run.status().network == r"4\x1b[7m-1"
    event = decode_event(encode_event(Failed(time=1.0, step=2, message=EVIL, traceback="a\n\tb")))
    assert isinstance(event, Failed)
    assert (event.message, event.traceback) == (HARMLESS, "a\n\tb")


def test_classes_of_a_data_file_have_harmless_names() -> None:
    targets = read_targets(np.array(["a\x1b[2J", "b\nc"]), "auto", "y")
    assert targets.class_names == (r"a\x1b[2J", r"b\x0ac")


def test_an_experiment_with_control_characters_is_refused_in_harmless_words() -> None:
    text = 'name = "a\\u001b]0;t\\u0007"\n[data]\ndataset = "xor"\n"od\\u001bd" = 1\n[network]\nloss = "ms\\u001be"\n'
    with pytest.raises(ExperimentError) as raised:
        Experiment.from_toml(text)
    assert [problem.message for problem in raised.value.problems] == [
        r'name = "a\x1b]0;t\x07" contains control characters',
        r"data.od\x1bd is not a known key",
        r'network.loss = "ms\x1be" is not a loss',
    ]


def test_an_error_quotes_nothing_that_a_terminal_obeys() -> None:
    error = NntermError(f"cannot read {EVIL}", EVIL)
    assert (error.message, error.hint, str(error)) == (
        f"cannot read {HARMLESS}",
        HARMLESS,
        f"cannot read {HARMLESS}\n{HARMLESS}",
    )
