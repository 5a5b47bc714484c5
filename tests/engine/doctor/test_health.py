"""The colours of a layer's figures go by the thresholds of the rules."""

import pytest

from engine.doctor import diagnose
from engine.doctor.health import BOUNDS, FIGURES, Health, figure_health, has_learned, layer_health
from engine.doctor.rules.units import DEAD_ERROR, DEAD_INFO
from engine.events import LayerFigures
from tests.engine.doctor.cases import course, figures, finished, layers

OUTPUT = figures("layers.2", gradient_norm=0.1)


def verdict(name: str, value: float | None, **values: object) -> Health | None:
    return layer_health(figures("layers.0", **{name: value, **values}), OUTPUT).get(name)


def test_the_figures_are_those_of_the_events() -> None:
    assert set(FIGURES) == set(LayerFigures.__struct_fields__) - {"name", "kind", "units"}
    assert set(BOUNDS) < set(FIGURES)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("dead", 0.1, "good"),
        ("dead", 0.3, "odd"),
        ("dead", 0.7, "bad"),
        ("saturated", 0.4, "good"),
        ("saturated", 0.6, "odd"),
        ("saturated", 0.95, "bad"),
        ("update_ratio", 1e-3, "good"),
        ("update_ratio", 1e-4, "odd"),
        ("update_ratio", 1e-6, "bad"),
        ("update_ratio", 0.2, "bad"),
        ("gradient_norm", 0.2, "good"),
        ("gradient_norm", 8.0, "odd"),
        ("gradient_norm", 1e-5, "bad"),
        ("weight_norm", 1e9, None),
        ("activation_mean", -5.0, None),
    ],
)
def test_the_health_of_a_figure_follows_the_bounds_of_its_rules(
    name: str, value: float, expected: Health | None
) -> None:
    assert verdict(name, value) == expected


def test_a_figure_that_is_not_finite_is_bad_and_a_missing_one_has_no_health() -> None:
    assert verdict("gradient_norm", None) == "bad"
    assert verdict("activation_std", None) == "bad"
    assert verdict("dead", None) is None
    assert verdict("update_ratio", None) is None
    assert figure_health("weight_norm", float("nan")) == "bad"


def test_a_gradient_is_bad_beyond_a_hundred_times_its_usual_size() -> None:
    layer = figures("layers.0", gradient_norm=0.5)
    assert layer_health(layer, OUTPUT, usual_gradient=0.1)["gradient_norm"] == "good"
    assert layer_health(layer, OUTPUT, usual_gradient=0.004)["gradient_norm"] == "bad"


def test_a_gradient_of_zero_is_bad_even_beside_another() -> None:
    nothing = figures("layers.1", gradient_norm=0.0)
    assert layer_health(nothing, nothing)["gradient_norm"] == "bad"
    assert layer_health(nothing, nothing, learned=True)["gradient_norm"] == "good"


def test_the_rules_exceptions_hold_for_the_health_too() -> None:
    assert verdict("dead", 0.9, units=3) == "good"
    assert verdict("update_ratio", 0.5, kind="batchnorm") == "good"
    assert verdict("gradient_norm", 1e-9, kind="batchnorm") is None


def test_at_a_low_loss_only_values_that_are_not_finite_are_bad() -> None:
    layer = figures("layers.0", dead=0.9, update_ratio=1e-7, gradient_norm=None)
    health = layer_health(layer, OUTPUT, learned=True)
    assert (health["dead"], health["update_ratio"], health["gradient_norm"]) == ("odd", "good", "bad")
    assert has_learned([0.7, 0.1])
    assert not has_learned([0.7, 0.5])
    assert not has_learned([None, None])
    assert not has_learned([0.7, None])


@pytest.mark.parametrize(
    ("dead", "colour"),
    [
        (DEAD_INFO - 0.01, "good"),
        (DEAD_INFO + 0.01, "odd"),
        (DEAD_ERROR - 0.01, "odd"),
        (DEAD_ERROR + 0.01, "bad"),
    ],
)
def test_a_layer_is_bad_where_the_rule_reports_an_error(dead: float, colour: Health) -> None:
    layer = figures("layers.0", dead=dead)
    seen = layers(150, layer, figures("layers.1"), OUTPUT)
    given = course(layers=(seen,), finished=finished(train_loss=0.6))
    severities = [finding.severity for finding in diagnose(given) if finding.code == "dead-relu"]
    assert layer_health(layer, OUTPUT)["dead"] == colour
    assert (severities == ["error"]) == (colour == "bad")
    assert bool(severities) == (colour != "good")
