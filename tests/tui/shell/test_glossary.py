"""The glossary: every term that a screen shows has an entry, and every entry names its screens."""

import pytest

from tui.actions import PALETTE_SCREENS, SCREENS
from tui.draft.words import WORDS
from tui.glossary import TERMS, Term, find_term, matching, terms_of

SHOWN = {
    "data": "task, samples, features, classes, test, class balance",
    "build": """units, activation, init, parameters, loss, optimizer, momentum, nesterov, schedule, epochs, precision,
        seed, backend, noise, memory, FLOPs, steps, he_normal, xavier_normal, lecun_normal, orthogonal, dropout, relu,
        sigmoid, tanh, softmax, sgd, adam, rmsprop, rate""",
    "train": """loss, accuracy, epoch, batch, step, train, validation, test, chance, mean, std, dead, saturated, gradient,
        weights, update, smoothing, checkpoint, finding""",
    "gradients": "relative error, kink, finite difference, outlier, weights, bias, step through",
    "inspect": """precision of a class, recall, F1, confusion matrix, confidence, calibration, baseline, chance, residual,
        R², histogram, landscape, robustness, split, checkpoint, pre-activation""",
    "runs": "loss, accuracy, epoch, parameters, optimizer, best, fork, checkpoint, lr, batch",
    "devices": "sm, driver, CUDA",
}
"""Column heads and figure labels, by the screen that shows them."""


@pytest.mark.parametrize("mode", SHOWN)
def test_every_label_has_an_entry_that_names_its_screen(mode: str) -> None:
    names = [name.strip() for name in SHOWN[mode].split(",")]
    terms = {name: find_term(name) for name in names}
    assert [name for name, term in terms.items() if term is None] == []
    assert [name for name, term in terms.items() if term and mode not in term.screens.split()] == []


def test_the_settings_that_need_one_have_an_entry() -> None:
    plain = {
        "mean",
        "low",
        "high",
        "value",
        "drop every",
        "factor",
        "last factor",
        "rise",
        "start at 1 /",
        "slope",
    }
    plain |= {
        "end at 1 /",
        "threshold",
        "samples used",
        "samples drawn",
        "data seed",
        "run name",
        "device",
        "processes",
        "threads",
    }
    plain |= {"compile", "computes with", "patience", "alpha", "delta", "decay"}
    labels = {words.label for words in WORDS.values()} - plain
    assert {label for label in labels if find_term(label) is None} == set()


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_an_entry_is_a_sentence_and_names_screens_that_exist(term: Term) -> None:
    modes = {screen.mode for screen in (*SCREENS, *PALETTE_SCREENS)}
    assert term.screens.split()
    assert set(term.screens.split()) <= modes
    assert term.meaning.endswith(".")
    assert len(term.meaning) <= 130
    assert not term.usual.endswith(".")


def test_a_name_stands_once() -> None:
    names = [name.casefold() for term in TERMS for name in term.names]
    assert {name for name in names if names.count(name) > 1} == set()
    assert len(TERMS) >= 80


def test_terms_on_the_screen_come_first() -> None:
    shown, others = terms_of("train", "│ dead  saturated │ 3 epochs")
    assert [term.name for term in shown] == ["dead", "epoch", "saturated"]
    assert "loss" in [term.name for term in others]


@pytest.mark.parametrize(
    ("query", "first"),
    [("update ratio", "update ratio"), ("lr", "learning rate"), ("overf", "overfitting")],
)
def test_the_best_match_comes_first(query: str, first: str) -> None:
    assert matching(query)[0].name == first


def test_what_is_unknown_is_not_found() -> None:
    assert matching("zebra") == []
    assert find_term("zebra") is None
