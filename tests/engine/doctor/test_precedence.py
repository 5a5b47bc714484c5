"""Findings are arranged: each once, causes before symptoms, the most severe first."""

from typing import Any, Literal

from engine.doctor import arrange
from engine.events import Finding


def finding(code: str, severity: Literal["info", "warning", "error"] = "warning", **values: Any) -> Finding:
    return Finding(time=0.0, **{"step": 0, "code": code, "severity": severity, "message": code} | values)


def order(*findings: Finding) -> list[tuple[str, str]]:
    return [(f.code, f.cause) for f in arrange(findings)]


def test_symptoms_follow_all_causes_and_name_theirs() -> None:
    seen = order(finding("plateau"), finding("leakage"), finding("dead-relu"), finding("zero-init", "error"))
    assert seen == [("zero-init", ""), ("leakage", ""), ("dead-relu", "zero-init"), ("plateau", "zero-init")]


def test_a_rate_out_of_range_from_the_start_is_not_a_symptom() -> None:
    static, later = finding("learning-rate-high"), finding("learning-rate-high", "error", step=90)
    assert order(finding("zero-init", "error"), static) == [("zero-init", ""), ("learning-rate-high", "")]
    assert order(finding("zero-init", "error"), later)[1] == ("learning-rate-high", "zero-init")
    (seen,) = [
        f for f in arrange([static, finding("zero-init", "error"), later]) if f.code == "learning-rate-high"
    ]
    assert (seen.severity, seen.step, seen.cause) == ("error", 0, "")


def test_a_rate_out_of_range_precedes_its_symptoms() -> None:
    rate, dead = finding("learning-rate-high"), finding("dead-relu", "error", step=90)
    gone = finding("vanishing-gradients", "error", step=90)
    assert order(gone, dead, rate) == [
        ("learning-rate-high", ""),
        ("dead-relu", "learning-rate-high"),
        ("vanishing-gradients", "learning-rate-high"),
    ]
    from_start = finding("dead-relu", "error")
    assert order(rate, from_start) == [("dead-relu", ""), ("learning-rate-high", "")]
    seen_later = finding("learning-rate-high", "error", step=90)
    assert order(seen_later, dead) == [("dead-relu", ""), ("learning-rate-high", "")]


def test_a_finding_on_several_layers_replaces_those_on_one_of_them() -> None:
    one = finding("update-ratio", layer="layers.1", step=40)
    both = finding(
        "update-ratio", layer="layers.0", step=90, evidence={"layers": {"layers.0": 0, "layers.1": 0}}
    )
    other = finding("update-ratio", layer="layers.2", step=90)
    assert [f.layer for f in arrange([one, both, other])] == ["layers.0", "layers.2"]


def test_an_underfitting_with_a_fix_explains_the_plateau_and_one_without_is_explained_by_it() -> None:
    no_hidden_layer = finding("underfitting", remedy={"network.layers": []})
    assert order(finding("plateau"), no_hidden_layer) == [("underfitting", ""), ("plateau", "underfitting")]
    assert order(finding("plateau"), finding("underfitting")) == [
        ("plateau", ""),
        ("underfitting", "plateau"),
    ]


def test_an_info_explains_nothing() -> None:
    assert order(finding("plateau"), finding("dead-relu", "info")) == [("plateau", ""), ("dead-relu", "")]


def test_a_cause_ranks_like_its_most_severe_symptom() -> None:
    assert order(finding("output-loss-mismatch"), finding("unscaled-input"), finding("nan", "error")) == [
        ("output-loss-mismatch", ""),
        ("unscaled-input", ""),
        ("nan", "output-loss-mismatch"),
    ]
    assert (
        order(finding("linear-stack"), finding("unscaled-input"), finding("nan", "error"))[0][0]
        == "unscaled-input"
    )


def test_a_code_is_reported_once_per_layer_and_one_layer_is_the_root() -> None:
    one, two = finding("dead-relu", layer="layers.0"), finding("dead-relu", "error", layer="layers.1")
    seen = arrange([one, one, two, finding("dead-relu", "error", layer="layers.0")])
    assert [(f.layer, f.severity, f.cause) for f in seen] == [
        ("layers.0", "error", ""),
        ("layers.1", "error", "dead-relu"),
    ]


def test_an_unknown_code_comes_last() -> None:
    assert order(finding("damaged-checkpoint"), finding("overconfident"))[-1] == ("damaged-checkpoint", "")
