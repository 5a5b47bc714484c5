"""Foreign text made plain."""

import json

import pytest

from tui.words.plain import plain, plain_json, plain_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a [b] [/ [a=", "a [b] [/ [a="),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\nb\tc", "a\\x0ab\\x09c"),
        ("\x9bm\x7f", "\\x9bm\\x7f"),
        ("a\u202eb\u2066c\u200f", "a\\u202eb\\u2066c\\u200f"),
        ("a\u2028b\u200bc", "a\\u2028b\\u200bc"),
        ("\udcff", "\\udcff"),
        ("naïve 学习 × −", "naïve 学习 × −"),
    ],
)
def test_what_a_terminal_would_obey_is_spelled(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_line_ends_can_stay() -> None:
    assert plain_lines("a\nb\tc\r\x1b") == "a\nb\tc\\x0d\\x1b"


def test_json_keeps_its_values_and_holds_nothing_that_a_terminal_obeys() -> None:
    value = {"a\u202e": "\x9b2J\u200b", "ä": "漢😀"}
    text = plain_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(text) == value
    assert plain(text) == text
    assert "漢😀" in text
