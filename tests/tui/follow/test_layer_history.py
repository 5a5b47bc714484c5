"""The history of layer statistics."""

import numpy as np

from engine.doctor.health import FIGURES
from engine.events import LayerFigures, Layers
from tests.tui.fake_runs import layer, measured
from tui.follow.layer_history import MOST_LAYERS, LayerHistory


def history(*events: Layers, limit: int = 8) -> LayerHistory:
    kept = LayerHistory(limit)
    for event in events:
        kept.add(event)
    return kept


def test_there_is_nothing_before_the_first_measurement() -> None:
    assert LayerHistory().health() is None


def test_the_newest_statistics_have_verdicts() -> None:
    health = history(measured(0), measured(10, layer("layers.0", dead=0.7), layer("layers.1"))).health()
    assert health is not None
    assert (health.step, [one.name for one in health.layers]) == (10, ["layers.0", "layers.1"])
    assert health.verdicts[0]["dead"] == "bad"
    assert "dead" not in health.verdicts[1]
    assert health.position("layers.1") == 1
    assert health.position("loss") is None


def test_memory_is_bounded_and_extremes_survive() -> None:
    norms = [0.2] * 1000
    norms[517] = 9.0
    kept = history(*(measured(i, layer("layers.0", gradient_norm=norm)) for i, norm in enumerate(norms)))
    health = kept.health()
    assert health is not None
    assert len(health.steps) <= 8
    course = health.course(0, "gradient_norm")
    assert course.max() == 9.0
    assert np.sum(course > 1.0) == 1
    assert (np.diff(health.steps) > 0).all()
    assert health.step == 999


def test_of_very_many_layers_the_first_and_the_last_are_kept() -> None:
    health = history(measured(0, *(layer(f"layers.{i}") for i in range(5000)))).health()
    assert health is not None
    assert len(health.layers) == MOST_LAYERS
    assert (health.layers[0].name, health.layers[-1].name) == ("layers.0", "layers.4999")


def test_a_missing_statistic_is_a_gap() -> None:
    kept = history(*(measured(i, layer("layers.0", gradient_norm=None if i == 2 else 0.1)) for i in range(4)))
    health = kept.health()
    assert health is not None
    assert np.isnan(health.course(0, "gradient_norm")).tolist() == [False, False, True, False]
    assert np.isnan(health.course(0, "dead")).all()


def test_an_outline_has_the_requested_columns() -> None:
    health = history(*(measured(i) for i in range(7))).health()
    assert health is not None
    assert health.outline(3).shape == (3, 2, len(FIGURES))
    assert health.outline(20).shape == (7, 2, len(FIGURES))


def test_measurements_after_a_resumed_checkpoint_are_dropped() -> None:
    kept = history(*(measured(10 * i, layer("layers.0", weight_norm=float(i))) for i in range(5)))
    kept.cut(25)
    health = kept.health()
    assert health is not None
    assert health.steps.tolist() == [0.0, 10.0, 20.0]
    assert health.layers[0].weight_norm == 2.0
    kept.add(measured(30, layer("layers.0", weight_norm=7.0)))
    again = kept.health()
    assert again is not None
    assert again.steps.tolist() == [0.0, 10.0, 20.0, 30.0]
    kept.cut(-1)
    assert kept.health() is None


def test_other_layers_restart_the_history() -> None:
    health = history(measured(0), measured(10, layer("layers.0"), layer("layers.2"))).health()
    assert health is not None
    assert health.steps.tolist() == [10.0]


def test_an_exploding_gradient_is_compared_with_its_usual_norm() -> None:
    events = [measured(i, _layer(0.1), _layer(0.1, "layers.1")) for i in range(5)]
    health = history(*events, measured(5, _layer(50.0), _layer(50.0, "layers.1"))).health()
    assert health is not None
    assert health.verdicts[0]["gradient_norm"] == "bad"


def _layer(norm: float, name: str = "layers.0") -> LayerFigures:
    return layer(name, gradient_norm=norm)
