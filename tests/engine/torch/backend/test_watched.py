"""The monitoring of a training in PyTorch, by its weights copied back to NumPy."""

from pathlib import Path

import pytest

from engine.events import Layers
from tests.engine.runs.workshop import Workshop, same_training

LAYERS = (
    'network.layers=[{units=6, activation="relu"}, {type="batchnorm"}, {type="dropout", rate=0.3}, {units=1}]'
)


def test_a_training_in_pytorch_takes_the_same_bits_when_it_is_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = []
    for measure in (False, True):
        overrides = ["data.samples=200", LAYERS]
        shop = Workshop(tmp_path, monkeypatch, measure, backend="torch", epochs=6, overrides=overrides)
        assert shop.work()
        ends.append(shop.last())
        seen = [event for event in shop.events() if isinstance(event, Layers)]
        assert [event.step for event in seen] == ([0, 10] if measure else [])
    assert same_training(*ends)
    assert seen[1].loss < seen[0].loss
    assert all(layer.update_ratio > 0 for layer in seen[1].layers)
