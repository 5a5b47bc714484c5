"""The engine as a Python user sees it: its names, its texts, its errors."""

import pickle
import pydoc
from importlib.metadata import version

import pytest

import engine
from engine.errors import Problem


def test_every_public_name_is_found_by_dir_and_by_help() -> None:
    assert set(engine.__all__) <= set(dir(engine))
    assert [name for name in engine.__all__ if getattr(engine, name) is None] == []
    text = pydoc.render_doc(engine, renderer=pydoc.plaintext)
    assert [name for name in engine.__all__ if name not in text] == []


def test_the_lazy_names_are_those_of_all() -> None:
    assert sorted(engine._HOMES) == engine.__all__


def test_the_version_is_that_of_the_package() -> None:
    assert engine.__version__ == version("nnterm")


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Netwrok'"):
        _ = engine.Netwrok


def test_objects_show_what_they_are_in_a_line() -> None:
    experiment = engine.Experiment.quick("moons", layers=[16, 16], epochs=1)
    data = engine.load_data(experiment.data)
    network = engine.Network.of(experiment, data)
    report = engine.check_gradients(network, data.test.x[:4], data.test.y[:4])
    trainer = engine.Trainer(experiment, network, data)
    first, *_, epoch, last = trainer
    assert repr(network) == "Network(2-16-16-1, 337 parameters, binary_cross_entropy, float32)"
    assert repr(data.train) == "Split(x (900, 2) float32, y (900,) int64)"
    assert repr(data) == "Data('moons', binary, 900 train, 100 validation, 250 test, input_shape=(2,))"
    assert repr(report).startswith("Report(passed: all 6 parameter tensors agree")
    assert repr(first).startswith("Steps(step=0, epoch=1, ")
    assert repr(experiment) == (
        "Experiment(moons, 16-16-1, binary_cross_entropy, adam lr=0.01, batch_size=32, epochs=1, seed=0)"
    )
    assert repr(trainer) == f"Trainer({network!r} on moons, step 29 of 29)"
    assert repr(network.layers[0]) == "Dense(layers.0, 2 -> 16, tanh)"
    assert repr(epoch).startswith("Epoch(epoch=1, train_loss=0.")
    assert repr(last).startswith("Finished(state='finished', train_loss=0.")
    started = engine.Started(
        time=0, step=0, run="moons-1", experiment=experiment.to_raw(), n_parameters=1, train_samples=1,
        validation_samples=0, test_samples=0, steps_per_epoch=1, epochs=1,
    )  # fmt: skip
    assert "experiment={7 keys}" in repr(started)
    shown = (network, data.train, data, report, first, experiment, trainer, epoch, last)
    assert all(len(repr(thing)) < 250 and "\n" not in repr(thing) for thing in shown)


def test_quick_documents_every_option_that_it_takes() -> None:
    from engine.experiment.quick import _NAMED

    text = engine.Experiment.quick.__doc__ or ""
    assert [name for name in _NAMED if name not in text] == []


def test_an_error_says_what_to_do_and_survives_pickling() -> None:
    with pytest.raises(engine.ExperimentError) as raised:
        engine.Experiment.quick("moons", layer=[16])
    assert 'did you mean "layers"?' in str(raised.value)
    plain = engine.DataError("the file is gone", "fetch it")
    several = engine.ExperimentError([Problem("a", "a is wrong", "b"), Problem("c", "c is wrong")], "x.toml")
    for error in (raised.value, plain, several):
        twin = pickle.loads(pickle.dumps(error))
        assert (type(twin), str(twin), twin.hint) == (type(error), str(error), error.hint)
    assert str(plain) == "the file is gone\nfetch it"
