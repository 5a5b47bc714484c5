"""Line breaking of formulas: nothing lost, no line too long, breaks between terms."""

import pytest

from tui.words.wrapping import formula_lines, marked_lines, own_words, wrapped

SUM = "z[0] = 0.5·1 + (−0.1)·2 + 0.2·(−3) + 0 = 1.3"


def test_what_fits_stays_whole() -> None:
    assert formula_lines(SUM, 80, 2) == ["  " + SUM]


def test_a_sum_breaks_before_a_term_and_is_indented() -> None:
    assert formula_lines(SUM, 30, 2) == ["  z[0] = 0.5·1 + (−0.1)·2", "      + 0.2·(−3) + 0 = 1.3"]


def test_items_of_a_list_stay_whole() -> None:
    text = "z = Σ of 40 products = 2; the largest: W[0,1]·x[1] = 3·1 = 3, W[0,2]·x[2] = 1·1 = 1"
    assert formula_lines(text, 50) == [
        "z = Σ of 40 products = 2;",
        "    the largest: W[0,1]·x[1] = 3·1 = 3,",
        "    W[0,2]·x[2] = 1·1 = 1",
    ]


@pytest.mark.parametrize("width", [20, 33, 80])
def test_nothing_is_lost_and_nothing_too_long(width: int) -> None:
    text = " + ".join(f"{i}.{i}·({i})" for i in range(30)) + " = 7   as z > 0"
    lines = formula_lines(text, width, 2)
    assert " ".join(" ".join(lines).split()) == " ".join(text.split())
    assert max(map(len, lines)) <= width


def test_prose_is_broken_at_spaces() -> None:
    assert wrapped("one two three", 9, 1) == [" one two", " three"]
    assert wrapped("", 9) == [""]


def test_the_networks_own_word() -> None:
    assert own_words(3e-17) == "The network's own backward pass agrees (norm ratio 3e-17)."
    assert own_words(1 / 3).endswith("disagrees: norm ratio 3.3e-01.")


def test_a_marked_part_keeps_its_place_over_line_breaks() -> None:
    text = "z[0] = Σ of 784 products + b[0] = 2.918; largest terms: W[0,1]·x[1] = 0.5·1 = 0.5"
    start = text.index("2.918")
    for width in range(12, 100):
        marked = [line[a:b] for line, a, b in marked_lines(text, start, start + 5, width, 2) if b > a]
        assert "".join(marked) == "2.918", width
    assert all(a == b == 0 for _, a, b in marked_lines(text, 0, 0, 30))
