"""The doctor's test set agrees with docs/diagnosis.md and its README; `make doctor-score` computes the score."""

import re
from collections import Counter
from pathlib import Path

import pytest

from engine.data.registry import DATASETS
from engine.doctor import PRECEDENCE
from engine.optim.optimizers import OPTIMIZERS
from tests.doctor_data import write_files
from tests.doctor_score import CASES, Case, load_cases, run_case

ALL = load_cases()
FAULTY = [case for case in ALL if case.expects]
SOUND = [case for case in ALL if not case.expects]
PARTS = {"tune", "report", "fresh"}


def case_of(name: str) -> Case:
    return next(case for case in ALL if case.name == name)


def test_there_are_at_least_60_of_each_kind_beside_those_that_thresholds_were_set_on() -> None:
    judged = Counter(bool(case.expects) for case in ALL if case.half != "tune")
    assert min(judged.values()) >= 60
    assert {case.half for case in ALL} == PARTS
    assert len({case.name for case in ALL}) == len(ALL)


def test_a_case_lies_in_the_folder_of_its_kind() -> None:
    kinds = {path.stem: path.parent.name for path in CASES.glob("*/*.toml")}
    assert all(kinds[case.name] == ("faulty" if case.expects else "sound") for case in ALL)


def test_every_code_is_expected_of_some_case() -> None:
    seen_beside_others = {
        "exploding-gradients",
        "update-ratio",
    }  # these only arise beside another cause
    assert set(PRECEDENCE) - {case.expects for case in FAULTY} == seen_beside_others


def test_the_healthy_ones_cover_all_datasets_optimizers_and_depths() -> None:
    assert {case.raw["data"]["dataset"] for case in SOUND} >= set(DATASETS)
    assert {case.raw["training"]["optimizer"]["name"] for case in SOUND} == set(OPTIMIZERS)
    depths = {sum(layer["type"] == "dense" for layer in case.raw["network"]["layers"]) for case in SOUND}
    assert depths >= {1, 2, 3, 4, 5, 6}


def test_the_readme_names_existing_cases() -> None:
    table = (CASES / "README.md").read_text(encoding="utf-8").partition("## What courses")[2]
    named = set(re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`", table))
    assert len(named) > 50
    assert named <= {case.name for case in FAULTY}


def test_a_case_has_a_description_and_is_an_experiment(tmp_path: Path) -> None:
    write_files(tmp_path)
    for case in ALL[::8]:
        case.experiment(tmp_path)
    assert [case.name for case in ALL if not case.about.endswith(".")] == []


@pytest.mark.parametrize(
    "name",
    [
        "course-perceptron-on-xor",
        "labels-of-a-crowd",
        "lost-class",
        "sure-of-wrong-labels",
        "clouds-for-ever",
        "three-epochs-spirals",
        "by-heart-in-vain-straight",
    ],
)
def test_a_finding_arises_in_a_real_training(name: str, tmp_path: Path) -> None:
    write_files(tmp_path)
    row = run_case(case_of(name), tmp_path, fix=False)
    assert row.is_right, [finding.code for finding in row.outcome.findings]


@pytest.mark.parametrize("name", ["fresh-by-heart-spirals", "or-perceptron", "fresh-one-in-five"])
def test_a_healthy_one_gives_no_alarm(name: str, tmp_path: Path) -> None:
    write_files(tmp_path)
    assert run_case(case_of(name), tmp_path).is_right
