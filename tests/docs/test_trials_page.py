"""`docs/trials.md` agrees with the code of every trial."""

import importlib
from pathlib import Path

from engine.doctor.overfit import SAMPLES, STEPS
from engine.trials import TRIALS, seeds
from engine.trials import learning_rates as rates
from engine.trials import random_labels as noise
from engine.trials import shuffled_labels as shuffled
from engine.trials import zero_inputs as zeroed

PAGE = " ".join((Path(__file__).parents[2] / "docs" / "trials.md").read_text(encoding="utf-8").split())


def test_every_trial_has_its_question_its_part_and_its_source() -> None:
    for trial in TRIALS.values():
        assert f"| `{trial.name}` | {trial.question} |" in PAGE
        assert f"## {trial.name}: " in PAGE
        source = importlib.import_module(trial.home.split(":")[0]).SOURCE
        assert f": {source}." in PAGE


def test_numbers_are_those_of_the_code() -> None:
    assert f"learns {SAMPLES} samples" in PAGE
    assert f"for {STEPS:,} updates" in PAGE
    assert (
        f"{rates.LEAST_STEPS} to {rates.MOST_STEPS:,} updates (as many as cost {rates.BUDGET_S:g} nominal"
        in PAGE
    )
    assert f"a bell of {rates.SMOOTHING_DECADES} powers of ten" in PAGE
    assert f"with {rates.RISE:g} times the lowest loss" in PAGE
    assert f"{1 / rates.SHARE:g}" == "4"
    assert f"{noise.CERTAIN:.2f} standard deviations" in PAGE
    assert f"At most {noise.MOST_SAMPLES:,} training samples" in PAGE
    assert f"fewer than {noise.LEAST_SAMPLES} different" in PAGE
    assert f"{shuffled.MOST_STEPS:,} updates or {shuffled.BUDGET_S:g} nominal seconds" in PAGE
    assert f"knows {100 * shuffled.LEARNED:g} %" in PAGE
    assert f"less than {100 * zeroed.LEAST_GAIN:g} % more of the variance" in PAGE
    assert f"with {seeds.SEEDS - 1} degrees of freedom" in PAGE
