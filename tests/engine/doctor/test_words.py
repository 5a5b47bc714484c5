"""Words of several rules: units that are off, and the counts of many classes."""

from engine.doctor import diagnose
from engine.doctor.evidence import ClassResult, Result
from engine.doctor.words import extremes, units_off
from tests.engine.doctor.cases import course, plan


def test_of_many_counts_the_largest_and_the_smallest_are_named() -> None:
    few = {"b": 1, "a": 3}
    assert list(extremes(few)) == ["b", "a"]
    many = extremes({str(i): i for i in range(10_000)}, most=4)
    assert many == {"9999": 9999, "9998": 9998, "1": 1, "0": 0}


def test_findings_on_classes_have_their_counts() -> None:
    unequal = next(f for f in diagnose(plan(class_counts=(900, 9))) if f.code == "imbalanced")
    assert sorted(unequal.evidence["counts"].values()) == [9, 900]
    classes = (ClassResult("a", 50, 50, 60), ClassResult("b", 10, 0, 0))
    missed = next(f for f in diagnose(Result(course(), classes)) if f.code == "never-predicted")
    assert missed.evidence["guessed"] == {"a": 60, "b": 0}


def test_one_unit_is_off_and_two_are() -> None:
    assert units_off(0.25, 4, "layers.0").startswith("1 of the 4 units of layers.0 outputs 0")
    assert units_off(0.5, 4, "layers.0").startswith("2 of the 4 units of layers.0 output 0")
