"""The table of planted bugs in docs/gradients.md: each row is planted, and the report contains its words."""

import re
from pathlib import Path

import numpy as np
import pytest

from engine.gradcheck import check_gradients
from engine.gradcheck.report import Report
from engine.nn.activations import ACTIVATIONS, Tanh
from tests.engine.gradcheck.bugs import (
    ACTIVATION_BUGS,
    LAYER_BUGS,
    LOSS_BUGS,
    spoil_activation,
    spoil_layer,
    spoil_loss,
)
from tests.engine.gradcheck.networks import batch_of, network_of

PAGE = (Path(__file__).parents[2] / "docs" / "gradients.md").read_text(encoding="utf-8")
BUGS = LAYER_BUGS.keys() | ACTIVATION_BUGS.keys() | LOSS_BUGS.keys()
ROWS = [row for row in re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE) if row[0] in BUGS]


def in_a_layer(bug: str, monkeypatch: pytest.MonkeyPatch) -> Report:
    network = network_of((5, 4, 4, 3), Tanh())
    spoil_layer(monkeypatch, "layers.1", LAYER_BUGS[bug])
    return check_gradients(network, *batch_of(network))


def in_an_activation(bug: str, monkeypatch: pytest.MonkeyPatch) -> Report:
    network = network_of((5, 4, 4, 3), spoil_activation(monkeypatch, bug))
    return check_gradients(network, *batch_of(network))


def in_a_loss(bug: str, monkeypatch: pytest.MonkeyPatch) -> Report:
    loss = spoil_loss(monkeypatch, bug)
    network = network_of((5, 4, 3), Tanh(), ACTIVATIONS[loss.link](), loss)
    x, y = batch_of(network)
    return check_gradients(network, x, np.eye(3)[y] if y.ndim == 1 else y)


@pytest.mark.parametrize(("bug", "culprit", "words"), ROWS, ids=[row[0] for row in ROWS])
def test_a_row_of_the_table_is_true(
    bug: str, culprit: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant = in_a_layer if bug in LAYER_BUGS else in_an_activation if bug in ACTIVATION_BUGS else in_a_loss
    report = plant(bug, monkeypatch)
    assert report.culprit == culprit
    assert words in report.describe()


def test_the_table_is_read() -> None:
    assert len(ROWS) >= 20


def test_there_are_as_many_planted_bugs_as_the_page_says() -> None:
    in_layers = 3 * len(LAYER_BUGS)  # each in three layers
    assert in_layers + len(ACTIVATION_BUGS) + len(LOSS_BUGS) + 14 > 80
