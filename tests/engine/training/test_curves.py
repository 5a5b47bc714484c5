"""The figures of a training as arrays."""

import numpy as np
import pytest

import engine
from engine.events import Buckets


def test_the_figures_of_each_epoch_and_of_each_update() -> None:
    experiment = engine.Experiment.quick("moons", layers=[4], epochs=2, validation=0)
    data = engine.load_data(experiment.data)
    trainer = engine.Trainer(experiment, engine.Network.of(experiment, data), data)
    events = [*trainer]
    by_epoch, by_step = engine.curves(events), engine.curves(iter(events), "step")
    epochs = [event for event in events if isinstance(event, engine.Epoch)]
    np.testing.assert_array_equal(by_epoch["epoch"], [1, 2])
    np.testing.assert_array_equal(by_epoch["step"], [event.step for event in epochs])
    np.testing.assert_array_equal(by_epoch["train_loss"], [event.train_loss for event in epochs])
    assert np.isnan(by_epoch["validation_loss"]).all(), "without a validation part there is none"
    assert {len(values) for values in by_epoch.values()} == {2}
    np.testing.assert_array_equal(by_step["step"], np.arange(trainer.total_steps))
    assert by_step["loss"].dtype == np.float64


def test_a_loss_that_was_not_finite_is_nan_and_groups_stand_at_their_first_update() -> None:
    common = {"time": 0.0, "seconds": 1.0, "epoch": 1, "learning_rate": 0.1}
    buckets = Buckets(size=10, count=15, minimum=[1, 2], mean=[1.5, None], maximum=[2, 3])
    events = [
        engine.Steps(step=0, losses=[0.5, None], **common),
        engine.Steps(step=2, losses=[], buckets=buckets, **common),
    ]
    found = engine.curves(events, "step")
    np.testing.assert_array_equal(found["step"], [0, 1, 2, 12])
    np.testing.assert_array_equal(found["loss"], [0.5, np.nan, 1.5, np.nan])


def test_without_events_the_arrays_are_empty_and_another_word_is_refused() -> None:
    assert {len(values) for values in engine.curves([]).values()} == {0}
    assert len(engine.curves([], "step")["loss"]) == 0
    with pytest.raises(engine.NntermError, match="not known"):
        engine.curves([], "batch")  # type: ignore[arg-type]
