"""Inputs that look unscaled beside the training data are told once."""

import warnings
from pathlib import Path

import numpy as np
import pytest

import engine


def trained(
    dataset: str = "blobs", **options: object
) -> tuple[engine.Experiment, engine.Data, engine.Network]:
    experiment = engine.Experiment.quick(dataset, layers=[4], epochs=1, scale="standard", **options)
    data = engine.load_data(experiment.data)
    network = engine.Network.of(experiment, data)
    for _ in engine.Trainer(experiment, network, data):
        pass
    return experiment, data, network


def test_raw_inputs_warn_once_and_scaled_ones_never() -> None:
    _, data, network = trained()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network.forward(data.test.x)
        network.logits(data.validation.x)
    with pytest.warns(UserWarning, match=r"scale x as they were, with data\.scaler"):
        network.forward(100 + 50 * data.test.x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network.forward(100 + 50 * data.test.x)


def test_one_stray_sample_is_no_reason() -> None:
    _, data, network = trained()
    x = data.test.x.copy()
    x[0] = 1e6
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network.forward(x)


def test_a_saved_network_knows_its_range(tmp_path: Path) -> None:
    experiment, data, network = trained()
    engine.save_network(tmp_path / "net.safetensors", network, experiment)
    loaded, _ = engine.load_network(tmp_path / "net.safetensors")
    with pytest.warns(UserWarning, match="the training data over"):
        loaded.forward(255 * np.ones_like(data.test.x))


def test_an_untrained_network_says_nothing() -> None:
    experiment = engine.Experiment.quick("moons", layers=[4])
    network = engine.Network(experiment.network, (2,))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network.forward(np.full((3, 2), 255.0))
