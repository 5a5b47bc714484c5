"""Changed settings in words: layers that change alike are one line, values are never Python's."""

from typing import Any

import pytest

from engine.experiment.change_groups import group_changes, in_words, label_of, value_text
from engine.experiment.changes import changed, with_fix
from engine.experiment.experiment import Experiment


def fixed(layers: list[int], remedy: dict[str, object], **options: Any) -> str:
    raw = Experiment.quick("mnist", layers, force=True, **options).to_raw()
    return in_words(with_fix(raw, remedy)[1])


def in_layers(n: int, **values: object) -> dict[str, object]:
    return {f"network.layers[{i}].{name}": value for i in range(n) for name, value in values.items()}


def test_all_hidden_layers_are_one_line() -> None:
    said = fixed([32] * 8, in_layers(8, activation="relu", init="he_normal"), activation="sigmoid")
    assert said == "8 hidden layers: sigmoid → relu, xavier_normal → he_normal"


@pytest.mark.parametrize(
    ("layers", "indices", "label"),
    [
        ([9], [0], "hidden layer"),
        ([9], [1], "output layer"),
        ([9] * 4, [1, 2], "layers 1 to 2"),
        ([9] * 4, [0, 3], "layers 0, 3"),
        ([9] * 4, [2], "layer 2"),
        ([9, 9], [0, 1, 2], "layers 0 to 2"),
    ],
)
def test_layers_are_named_by_their_place(layers: list[int], indices: list[int], label: str) -> None:
    remedy: dict[str, object] = {
        f"network.layers[{i}].bias": {"name": "constant", "value": 0.5} for i in indices
    }
    assert fixed(layers, remedy) == f"{label}: zeros → constant (value 0.5)"


def test_layers_that_change_otherwise_have_lines_of_their_own() -> None:
    said = fixed([9, 9], {"network.layers[0].units": 7, "network.layers[1].activation": "tanh"})
    assert said == "layer 0: units 9 → 7; layer 1: relu → tanh"


def test_other_layers_are_listed_with_equal_neighbours_counted() -> None:
    layers = [{"units": 32, "activation": "relu"}] * 3 + [{"units": 10, "activation": "softmax"}]
    assert fixed([], {"network.layers": layers}) == "layers: 10 softmax → 3 × 32 relu, 10 softmax"


def test_settings_have_plain_labels_and_an_optimizer_its_options() -> None:
    before = Experiment.quick("mnist", [8], lr=0.1)
    after = before.with_changes({"training.optimizer": {"name": "adam", "lr": 0.01, "beta1": 0.8}})
    (group,) = group_changes(changed(before.to_raw(), after.to_raw()))
    assert group.label == "optimizer"
    assert group.items == (("", "sgd (lr 0.1)", "adam (lr 0.01, beta1 0.8)"),)
    assert label_of("training.optimizer.lr") == "learning rate"
    assert label_of("training.batch_size") == "batch size"


def test_without_the_number_of_layers_none_is_called_hidden() -> None:
    changes = {f"network.layers[{i}].activation": ("relu", "tanh") for i in range(2)}
    assert in_words(changes) == "layers 0 to 1: relu → tanh"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (True, "yes"),
        (0.1 + 0.2, "0.3"),
        ([], "none"),
        ("a\x1b[1m", r"a\x1b[1m"),
        ([1, 1, 2], "2 × 1, 2"),
    ],
)
def test_values_are_short_texts(value: object, text: str) -> None:
    assert value_text(value) == text
