"""Every code has an explanation, in running text that can be wrapped anywhere."""

import pytest

from engine.doctor import EXPLANATIONS, PRECEDENCE, explain
from engine.doctor.explanations import UNEXPLAINED


def test_every_code_is_explained_and_nothing_else() -> None:
    assert set(EXPLANATIONS) == set(PRECEDENCE)


@pytest.mark.parametrize("code", PRECEDENCE)
def test_an_explanation_has_the_cause_and_then_the_fix(code: str) -> None:
    paragraphs = explain(code).split("\n\n")
    assert len(paragraphs) in (2, 3)
    assert all(paragraph.endswith(".") and "\n" not in paragraph for paragraph in paragraphs)
    assert 150 < len(explain(code)) < 900


def test_a_code_without_an_explanation_gets_a_plain_sentence() -> None:
    assert explain("from-the-future") == UNEXPLAINED
