"""A trainer takes the network that its experiment describes, with any weights, and no other."""

import pytest

import engine
from engine.training.network_check import refuse_other_data

MOONS = engine.Experiment.quick("moons", layers=[5, 4], optimizer="adam")
DATA = engine.load_data(MOONS.data)


def refusal(experiment: engine.Experiment, network: engine.Network) -> str:
    with pytest.raises(engine.ExperimentError) as caught:
        engine.Trainer(experiment, network, DATA)
    assert "Network.of(experiment, data)" in caught.value.hint
    return caught.value.message


def test_a_float64_experiment_does_not_train_a_float32_network() -> None:
    precise = MOONS.with_changes({"training.dtype": "float64"})
    network = engine.Network(precise.network, DATA.input_shape, precise.seed)
    assert 'computes in float32, training.dtype = "float64"' in refusal(precise, network)
    assert engine.Network.of(precise, DATA).dtype == "float64"


def test_another_number_of_layers_is_refused() -> None:
    fewer = engine.Experiment.quick("moons", layers=[5], optimizer="adam")
    assert "2 layers, the experiment 3" in refusal(MOONS, engine.Network.of(fewer, DATA))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"network.layers[0].units": 6}, "network.layers[0].units is 6 in the network, 5 in the experiment"),
        ({"network.layers[1].activation": "elu"}, 'network.layers[1].activation is { name = "elu"'),
    ],
    ids=["units", "activation"],
)
def test_another_layer_is_refused_by_its_key(change: dict[str, object], words: str) -> None:
    assert words in refusal(MOONS, engine.Network.of(MOONS.with_changes(change), DATA))


def test_another_kind_of_layer_is_refused() -> None:
    layers = ({"type": "dense", "units": 5}, {"type": "dropout"}, {"type": "dense"})
    other = MOONS.with_changes({"network.layers": list(layers)})
    message = refusal(MOONS, engine.Network.of(other, DATA))
    assert 'network.layers[1].type is "dropout" in the network, "dense" in the experiment' in message


def test_another_loss_is_refused() -> None:
    other = MOONS.with_changes({"network.loss": "mse"})
    assert 'has the loss "mse"' in refusal(MOONS, engine.Network.of(other, DATA))


def test_another_number_of_features_is_refused() -> None:
    assert "expects 3 features, the data have 2" in refusal(MOONS, engine.Network(MOONS.network, (3,), 0))


def test_all_differences_are_named_at_once() -> None:
    other = MOONS.with_changes(
        {"network.layers[0].units": 6, "network.loss": "mse", "training.dtype": "float64"}
    )
    assert len(refusal(MOONS, engine.Network.of(other, DATA)).splitlines()) == 3


def test_first_weights_do_not_count() -> None:
    other = MOONS.with_changes({"network.layers[0].init": "orthogonal", "seed": 9})
    trainer = engine.Trainer(MOONS, engine.Network.of(other, DATA), DATA)
    assert trainer.network.seed == 9


@pytest.mark.parametrize(
    ("dataset", "loss"), [("moons", "mse"), ("blobs", "mse"), ("sine", "auto"), ("xor", "auto")]
)
def test_data_that_a_network_was_trained_on_are_taken(dataset: str, loss: str) -> None:
    experiment = engine.Experiment.quick(dataset, [4], loss=loss)
    data = engine.load_data(experiment.data)
    refuse_other_data(engine.Network.of(experiment, data), data)


def test_values_are_refused_by_a_network_that_compares_classes() -> None:
    classes = engine.Experiment.quick("moons", [4])
    network = engine.Network.of(classes, engine.load_data(classes.data))
    values = engine.load_data(engine.Experiment.quick("plane", [4]).data)
    with pytest.raises(engine.DataError, match="trained for another task"):
        refuse_other_data(network, values)
