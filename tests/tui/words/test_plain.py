"""Foreign text made plain."""

import pytest

from tui.words.plain import plain, plain_lines


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
