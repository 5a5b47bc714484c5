"""The comparison of experiments: layers that correspond share a row, and every key has words."""

from typing import Any

import pytest

from engine.runs.aligned_layers import aligned
from engine.runs.compare import differences


def dense(units: int, **more: Any) -> dict[str, Any]:
    return {"type": "dense", "units": units, "activation": "relu", **more}


DROPOUT = {"type": "dropout", "rate": 0.2}
NORM = {"type": "batchnorm", "momentum": 0.9}
PLAIN = [dense(64), dense(32), dense(10, activation="softmax")]


def experiment(layers: list[dict[str, Any]], **training: Any) -> dict[str, Any]:
    return {
        "name": "-",
        "seed": 0,
        "network": {"loss": "mse", "layers": layers},
        "training": {"optimizer": {"name": "sgd", "lr": 0.1}, **training},
    }


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_layer_put_between_is_one_row(place: int) -> None:
    (row,) = differences([experiment(PLAIN), experiment([*PLAIN[:place], DROPOUT, *PLAIN[place:]])])
    assert (row.key, row.label) == (f"network.layers[{place}]", f"layer {place}")
    assert row.values == [None, DROPOUT]


def test_a_changed_layer_keeps_its_place_beside_one_put_between() -> None:
    changed = [dense(64), DROPOUT, dense(48), PLAIN[2]]
    rows = {row.key: row.values for row in differences([experiment(PLAIN), experiment(changed)])}
    assert rows == {"network.layers[1]": [None, DROPOUT], "network.layers[2].units": [32, 48]}


def test_two_layers_put_at_different_places_are_two_rows() -> None:
    one, other = [PLAIN[0], NORM, *PLAIN[1:]], [*PLAIN[:2], DROPOUT, PLAIN[2]]
    rows = {
        row.key: row.values for row in differences([experiment(one), experiment(other), experiment(PLAIN)])
    }
    assert rows == {"network.layers[1]": [NORM, None, None], "network.layers[3]": [None, DROPOUT, None]}


def test_output_layers_correspond_whatever_comes_before() -> None:
    rows = aligned([[dense(8), dense(1)], [dense(8), dense(16), dense(10)]])
    assert rows[-1] == (dense(1), dense(10))
    assert rows[0] == (dense(8), dense(8))


def test_keys_have_words_and_the_layers_stand_with_the_network() -> None:
    other = experiment([dense(65), *PLAIN[1:]], optimizer={"name": "adam", "lr": 0.2})
    found = differences([experiment(PLAIN) | {"seed": 1}, other])
    assert [row.label for row in found] == ["seed", "layer 0 units", "optimizer", "learning rate"]
