"""Why findings come about: every code is explained, in running text that can be wrapped anywhere."""

import pytest

from engine.doctor import EXPLANATIONS, PRECEDENCE, explain


def test_every_code_is_explained_and_nothing_else() -> None:
    assert set(EXPLANATIONS) == set(PRECEDENCE)


@pytest.mark.parametrize("code", PRECEDENCE)
def test_an_explanation_says_why_and_then_what_helps(code: str) -> None:
    paragraphs = explain(code).split("\n\n")
    assert len(paragraphs) == 2
    assert all(paragraph.endswith(".") and "\n" not in paragraph for paragraph in paragraphs)
    assert 150 < len(explain(code)) < 900


def test_a_code_of_another_version_has_no_explanation() -> None:
    assert explain("from-the-future") == ""
