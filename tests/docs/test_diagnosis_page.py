"""docs/diagnosis.md shows every finding by an existing case with the engine's explanation; its plots are correct."""

import difflib
import re

import pytest

from engine.doctor import PRECEDENCE, explain
from tests.docs.diagnosis_page import PAGE, SHOWN, block, replaced
from tests.docs.text_plot import filled, number, plot, table
from tests.doctor_score import load_cases

TEXT = PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("code", PRECEDENCE)
def test_a_finding_has_its_case_its_plot_and_its_explanation(code: str) -> None:
    shown = TEXT.partition(f"<!-- {code}: written by make notes -->")[2].partition("<!-- end -->")[0]
    assert shown.strip().startswith(f"*{SHOWN[code].case}*")
    assert "```text" in shown
    for paragraph in explain(code).split("\n\n"):
        assert filled(paragraph) in shown, "stale: make notes"


def test_a_block_is_what_its_case_gives_now() -> None:
    """Of trainings that converge: float32 may round otherwise here, and a plot differs by a cell.

    One with a learning rate of 50 amplifies that rounding, and its figures are those of one computer alone.
    """
    for code in ("zero-init", "linear-stack"):
        now = block(code)
        then = TEXT[TEXT.index(now.splitlines()[0]) :].partition("<!-- end -->")[0] + "<!-- end -->"
        same = difflib.SequenceMatcher(None, then, now, autojunk=False).ratio()
        assert same > 0.95, f"stale: make notes\n{now}"


def test_every_case_that_is_shown_exists() -> None:
    assert {shown.case for shown in SHOWN.values()} <= {case.name for case in load_cases() if case.expects}
    assert set(SHOWN) == set(PRECEDENCE)


def test_a_block_is_put_at_the_end_of_its_section_and_then_replaced() -> None:
    page = "# Page\n\n### one\nText.\n\n### two\nMore.\n"
    block_of = "<!-- one: written by make notes -->\n{}\n<!-- end -->".format
    once = replaced(page, "one", block_of("a"))
    assert once == f"# Page\n\n### one\nText.\n\n{block_of('a')}\n\n### two\nMore.\n"
    assert replaced(once, "one", block_of("b")) == once.replace("\na\n", "\nb\n")


def test_a_plot_rises_where_its_values_do() -> None:
    lines = plot({"*": [0.0, 1.0, 2.0, 3.0]}, width=4, height=4, x=("0", "3")).splitlines()
    assert [line.find("*") for line in lines[:4]] == sorted(
        (line.find("*") for line in lines[:4]), reverse=True
    )
    assert lines[0].startswith("3 ┤")
    assert lines[-1].split() == ["0", "3"]


def test_gaps_limits_and_layers_of_a_plot() -> None:
    lines = plot(
        {"o": [None, float("nan"), 5.0, 1.0], "+": [1.0] * 4}, width=4, height=3, low=0, high=2
    ).splitlines()
    assert lines[0].endswith("o")  # beyond the limit: drawn at the edge
    assert lines[1].endswith("++++")  # the later curve is on top


def test_a_logarithmic_plot_has_equal_steps_for_equal_factors() -> None:
    lines = plot({"*": [1.0, 10.0, 100.0, 0.0]}, width=4, height=3, log=True).splitlines()
    assert [line[-4:] if "*" in line else "" for line in lines[:1]] != [""]
    assert [i for i, line in enumerate(lines[:3]) if "*" in line] == [0, 1, 2]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0123, "0.012"), (9.96, "10"), (44.4, "44"), (1327, "1,327"), (2.1e9, "2.1e9"), (0.0, "0")],
)
def test_figures_are_short(value: float, shown: str) -> None:
    assert number(value) == shown


def test_the_columns_of_a_table_are_aligned() -> None:
    lines = table(("rate", "loss"), [("0.1", "2.303"), ("10", "-")]).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert re.fullmatch(r"\| :-+ \| -+: \|", lines[1])
