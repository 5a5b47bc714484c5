"""Findings without a screen: how they are gathered, drawn and fixed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.doctor import EXPLANATIONS, PRECEDENCE
from engine.events import Resumed
from engine.experiment.experiment import Experiment
from engine.runs import diagnosis
from tests.tui.fake_runs import FakeRun, checkpoint, epoch, finding, finished, layer, measured, started, steps
from tests.tui.follow.test_run_view import view_of
from tui.findings.cases import RunCase
from tui.findings.finding_details import number, sentence
from tui.findings.finding_strip import STYLES
from tui.findings.pictures import PICTURES, FindingBars, FindingCurves, picture_of
from tui.follow.reader import RunReader
from tui.follow.run_figures import RunFigures
from tui.follow.run_findings import MOST, RunFindings, most_severe
from tui.words.changes import changes_of

DEAD = finding("dead-relu", 20, layer="layers.0", severity="warning", evidence={"dead": 0.7})


def test_a_finding_counts_once_and_causes_come_first() -> None:
    symptom = finding("plateau", 30, severity="warning")
    figures = view_of(started(), symptom, finding(), finding()).figures()
    assert [one.code for one in figures.findings] == ["learning-rate-high", "plateau"]
    assert figures.findings[1].cause == "learning-rate-high"
    assert [line.kind for line in figures.lines[-3:]] == ["warning", "error", "error"]


def test_findings_after_a_resumed_checkpoint_are_dropped() -> None:
    resumed = Resumed(time=1.0, step=15, path="")
    figures = view_of(started(), measured(0), measured(20), finding(step=10), DEAD, resumed).figures()
    assert [one.code for one in figures.findings] == ["learning-rate-high"]
    assert figures.health is not None
    assert figures.health.step == 0


def test_findings_on_the_end_are_dropped_when_the_training_resumes() -> None:
    view = view_of(
        started(), epoch(1, 10), finding("overfitting", 10), checkpoint(10), finding("too-short", 10)
    )
    view.absorb(finished())
    assert {one.code for one in view.figures().findings} == {"overfitting", "too-short"}
    view.absorb(Resumed(time=1.0, step=10, path=""))
    assert [one.code for one in view.figures().findings] == ["overfitting"]
    view.absorb(finding("dead-relu", 15, layer="layers.0"))
    view.absorb(Resumed(time=2.0, step=15, path=""))  # it was lost before its end
    assert {one.code for one in view.figures().findings} == {"overfitting", "dead-relu"}


def test_the_number_of_findings_is_bounded() -> None:
    gathered = RunFindings()
    for i in range(3 * MOST):
        gathered.add(finding(layer=f"layers.{i}"))
    assert len(gathered.findings()) <= MOST


def test_the_most_severe_finding_is_the_first_error() -> None:
    mild, grave = finding("too-short", severity="info"), finding("nan", severity="error")
    assert most_severe([mild, DEAD, grave]) == grave
    assert most_severe([]) is None
    assert set(STYLES) == {"info", "warning", "error"}


def test_every_code_has_a_picture_and_an_explanation() -> None:
    assert set(PICTURES) == set(PRECEDENCE) == set(EXPLANATIONS)


def test_a_code_without_a_picture_has_none() -> None:
    figures = view_of(started(), finding("toy-fault")).figures()
    assert picture_of(figures.findings[0], figures) is None


def test_a_loss_is_drawn_with_a_mark_at_the_finding() -> None:
    figures = view_of(started(), steps(0, [1.0] * 10), epoch(1, 10)).figures()
    picture = picture_of(finding("plateau", 8), figures)
    assert isinstance(picture, FindingCurves)
    assert (picture.at, [series.name for series in picture.series]) == (8.0, ["train", "validation"])
    best = picture_of(finding("overfitting", 80, evidence={"best_epoch": 3}), figures)
    assert isinstance(best, FindingCurves)
    assert best.at == 30.0


def test_a_statistic_of_a_layer_is_drawn_with_the_thresholds_of_its_rule() -> None:
    events = (measured(0), measured(10, layer("layers.0", dead=0.7), layer("layers.1")))
    picture = picture_of(DEAD, view_of(started(), *events).figures())
    assert isinstance(picture, FindingCurves)
    own, odd, bad = picture.series
    assert np.asarray(own.y)[-1] == 0.7
    assert (odd.y[0], bad.y[0]) == (0.2, 0.6)


def test_a_gradient_is_drawn_with_that_of_the_output_or_its_usual_norm() -> None:
    figures = view_of(started(), measured(0), measured(10)).figures()
    gone = picture_of(finding("vanishing-gradients", layer="layers.0", evidence={"ratio": 1e-4}), figures)
    burst = picture_of(finding("exploding-gradients", layer="layers.0", evidence={"usual": 0.1}), figures)
    assert isinstance(gone, FindingCurves)
    assert [series.name for series in gone.series] == ["layers.0", "layers.1", "1/1000 of it"]
    assert isinstance(burst, FindingCurves)
    assert burst.series[-1].y[0] == pytest.approx(10.0)


def test_without_measurements_or_with_a_layer_of_another_network_there_is_no_picture() -> None:
    assert picture_of(DEAD, view_of(started()).figures()) is None
    elsewhere = finding("dead-relu", layer="layers.7")
    assert picture_of(elsewhere, view_of(started(), measured(0)).figures()) is None
    assert picture_of(finding("another-device"), view_of(started()).figures()) is None


def test_bars_show_classes_and_values() -> None:
    figures = view_of(started()).figures()
    classes = picture_of(
        finding("imbalanced", evidence={"rarest": 5, "commonest": 500, "chance": 0.9}), figures
    )
    assert isinstance(classes, FindingBars)
    rarest, commonest = classes.lines(50)
    assert commonest.count("█") > 10 * rarest.count("█")
    assert {len(rarest), len(commonest)} == {50}
    sure = picture_of(finding("overconfident", evidence={"confidence": 0.9, "accuracy": 0.6}), figures)
    assert isinstance(sure, FindingBars)
    assert sure.values == {"confidence": 0.9, "accuracy": 0.6}


@pytest.mark.parametrize(
    ("code", "evidence"),
    [
        ("class-count", {"outputs": 12, "fitting": 10}),
        ("nan-in-data", {"values": 12, "rows": 10, "by_column": {"column 3": 12}}),
        ("nan-in-data", {"values": 12, "rows": 10, "by_column": {}}),
        ("zero-init", {"gains": {"layers.0": 0.0, "layers.1": 1.0}}),
        ("symmetric-init", {"alike": {"layers.0": 8}}),
        ("leakage", {"shared": 0.2, "new": 0.8}),
        ("leakage", {"feature": 3, "share": 0.999, "rest": 0.001}),
        ("batch-too-large", {"batch_size": 2000, "samples": 900}),
        ("batch-too-large", {"batch_size": 0, "steps": 15, "usual": 100}),
        ("learning-rate-low", {"effective": 1e-8, "usual": 1e-6}),
        ("vanishing-gradients", {"first": 1e-8, "last": 0.1}),
        ("dead-relu", {"dead": 1.0, "by_layer": {"layers.0": 1.0, "layers.1": 0.1}}),
    ],
)
def test_findings_before_any_training_are_drawn_as_bars(code: str, evidence: dict[str, Any]) -> None:
    picture = picture_of(finding(code, 0, evidence=evidence), RunFigures("draft"))
    assert isinstance(picture, FindingBars)
    assert len(picture.values) == len(picture.lines(60)) > 0
    assert {len(line) for line in picture.lines(60)} == {60}


def test_whole_numbers_beside_bars_are_written_out() -> None:
    assert FindingBars("samples", {"in a batch": 2000.0, "in all": 0.5}).lines(60)[0].endswith(" 2,000")


def test_linear_activations_are_drawn_with_a_nonlinear_one() -> None:
    for code, name in (("linear-stack", "linear"), ("step-activation", "step")):
        picture = picture_of(finding(code, 0, evidence={}), RunFigures("draft"))
        assert isinstance(picture, FindingCurves)
        assert [series.name for series in picture.series] == [name, "relu"]
        assert picture.x_label


def test_targets_out_of_range_are_drawn_with_the_range_of_the_output() -> None:
    evidence = {"activation": "tanh", "target_low": -2.0, "target_high": 3.0}
    picture = picture_of(finding("output-loss-mismatch", 0, evidence=evidence), RunFigures("draft"))
    assert isinstance(picture, FindingCurves)
    output, low, high = picture.series
    assert max(output.y) < 1 < high.y[0]
    assert low.y[0] == -2
    names_alone = finding("output-loss-mismatch", 0, evidence={"activation": "softmax"})
    assert picture_of(names_alone, RunFigures("draft")) is None


def test_a_fix_is_a_difference_from_the_rate_in_effect() -> None:
    raw = Experiment.quick("xor", [4]).to_raw()
    remedy = {"training.optimizer.lr": 0.01, "network.layers[0].activation": "relu"}
    assert changes_of(raw, remedy, 10.0) == {
        "training.optimizer.lr": (10.0, 0.01),
        "network.layers[0].activation": ("tanh", "relu"),
    }
    assert changes_of({}, remedy) == {}


def test_the_fixed_experiment_of_a_run_is_the_draft_for_build(tmp_path: Path) -> None:
    fake = FakeRun(tmp_path)
    fake.begin()
    case = RunCase(RunReader(fake.run))
    proposal = case.propose(finding(remedy={"training.optimizer.lr": 0.03, "network.layers[0].units": 9}))
    assert proposal.sentence.startswith("Starts a new run from step 0")
    assert proposal.draft is not None
    assert proposal.draft["training"]["optimizer"]["lr"] == 0.03
    assert proposal.draft["network"]["layers"][0]["units"] == 9


def test_findings_of_an_examination_are_added_to_those_of_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        diagnosis, "diagnose_run", lambda run: [finding(), finding("too-long", severity="info")]
    )
    fake = FakeRun(tmp_path)
    fake.begin()
    fake.write(finding())
    case = RunCase(RunReader(fake.run))
    before = case.look()
    assert before is not None
    assert [one.code for one in before.findings] == ["learning-rate-high"]
    case.examine()
    after = case.look()
    assert after is not None
    assert [one.code for one in after.findings] == ["learning-rate-high", "too-long"]
    assert case.look() is after


def test_numbers_of_the_evidence_are_short() -> None:
    assert number(0.123456) == "0.1235"
    assert number(1234567) == "1,234,567"
    assert number({"layers.0": 2.0, "layers.1": None}) == "layers.0 2, layers.1 –"
    assert number(list(range(100))).endswith(", 7, …")
    assert sentence("one is off") == "One is off."
    assert sentence("layers.0 is off") == "layers.0 is off."
