"""Each rule reports a finding at its threshold, and none just below it."""

import math
import re
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from engine.doctor import PRECEDENCE, diagnose, gather
from engine.doctor.evidence import BadTensor, ClassResult, Gap, Overfit, Result
from engine.doctor.gather import plan_of
from engine.doctor.precedence import EXPLAINS
from engine.doctor.rule import all_rules
from engine.events import Finding
from engine.experiment.experiment import Experiment, problems
from engine.nn.network import Network
from tests.engine.doctor.cases import LN2, course, epochs, experiment, figures, finished, layers, plan, start

ROOT = Path(__file__).parents[3]


def codes(evidence: Any) -> list[str]:
    return [finding.code for finding in diagnose(evidence)]


def found(evidence: Any, code: str) -> Finding:
    return next(finding for finding in diagnose(evidence) if finding.code == code)


def test_every_rule_has_a_place_a_reference_and_a_page() -> None:
    pages = re.findall(
        r"^### (.+)$", (ROOT / "docs" / "diagnosis.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    documented = {code for page in pages for code in page.split(", ")}
    assert {rule.code for rule in all_rules()} == set(PRECEDENCE) == documented
    assert all(rule.reference for rule in all_rules())


def test_a_cause_precedes_its_symptoms() -> None:
    for cause, symptoms in EXPLAINS.items():
        assert all(PRECEDENCE.index(cause) < PRECEDENCE.index(symptom) for symptom in symptoms), cause


def test_healthy_evidence_gives_no_finding() -> None:
    seen = [layers(step, *start().layers.layers) for step in (20, 40, 60)]
    given = course(layers=tuple(seen), epochs=epochs([0.6, 0.4, 0.3], [0.6, 0.45, 0.4]), finished=finished())
    assert codes(plan()) == codes(start()) == codes(given) == codes(Result(given)) == []


# Before training


FORCED = [
    ("spirals", "softmax", "binary_cross_entropy", 0, "output-loss-mismatch"),
    ("moons", "relu", "binary_cross_entropy", 0, "output-loss-mismatch"),
    ("spirals", "softmax", "cross_entropy", 5, "class-count"),
]


@pytest.mark.parametrize(("dataset", "output", "loss", "units", "code"), FORCED)
def test_problems_of_the_checks_are_found_in_their_words(
    dataset: str, output: str, loss: str, units: int, code: str
) -> None:
    raw: dict[str, Any] = {
        "force": True,
        "data": {"dataset": dataset},
        "network": {"loss": loss, "layers": [{"units": 8}, {"units": units, "activation": output}]},
    }
    refused = problems(raw)
    given = replace(plan(Experiment.from_raw(raw)), problems=tuple(refused))
    finding = found(given, code)
    assert finding.message == refused[0].message
    assert finding.remedy == refused[0].remedy
    assert finding.severity == "error"
    assert codes(given).count(code) == 1


def test_all_hidden_steps_are_fixed_at_once() -> None:
    raw = experiment(activation="step", force=True)
    given = replace(plan(raw), problems=tuple(problems(raw)))
    assert found(given, "step-activation").remedy == {
        "network.layers[0].activation": "tanh",
        "network.layers[1].activation": "tanh",
    }


@pytest.mark.parametrize(
    ("low", "high", "expected"), [(-1.0, 0.5, True), (0.0, 1.0, False), (0.2, 1.5, True)]
)
def test_targets_must_be_in_reach_of_the_output(low: float, high: float, expected: bool) -> None:
    given = experiment("sine", overrides=["network.layers[2].activation=sigmoid"])
    facts = {
        "target_low": low,
        "target_high": high,
        "target_mean": 0.0,
        "target_std": 0.5,
        "class_counts": (),
    }
    assert ("output-loss-mismatch" in codes(plan(given, **facts))) is expected


@pytest.mark.parametrize(
    ("facts", "code", "remedy"),
    [
        ({"largest_input": 11.0}, "unscaled-input", {"data.scale": "standard"}),
        ({"largest_input": 0.009, "smallest_input": 0.009}, "unscaled-input", {"data.scale": "standard"}),
        ({"largest_input": 1.0, "smallest_input": 0.009}, "unscaled-input", {"data.scale": "standard"}),
        ({"class_counts": (900, 89)}, "imbalanced", {}),
        ({"shared": 0.03}, "leakage", {}),
        ({"leaking_feature": 4, "leaking_share": 0.999}, "leakage", {}),
        ({"train": 20}, "batch-too-large", {"training.batch_size": 2}),
        ({"target_std": 11.0, "target_mean": 0.0}, "unscaled-target", {}),
    ],
)
def test_data_with_faults(facts: dict[str, Any], code: str, remedy: dict[str, Any]) -> None:
    finding = found(plan(**facts), code)
    assert finding.remedy == remedy
    assert finding.severity == "warning"


@pytest.mark.parametrize(
    "facts",
    [
        {"largest_input": 9.9},
        {"largest_input": 1.0, "smallest_input": 0.011},
        {"class_counts": (900, 90)},
        {"shared": 0.02},
        {"leaking_feature": 4, "leaking_share": 0.99},
        {"train": 32},
        {"target_std": 9.9, "target_mean": -9.9},
    ],
)
def test_data_just_inside_the_bounds(facts: dict[str, Any]) -> None:
    assert codes(plan(**facts)) == []


def test_nan_in_data_is_located() -> None:
    given = replace(plan(), facts=None, gap=Gap(12, 10, (3,), "x", (12,)))
    finding = found(given, "nan-in-data")
    where = {"columns": [3], "by_column": {"column 3": 12}}
    assert finding.evidence == {"values": 12, "rows": 10, "array": "x", **where}
    assert "12 values are NaN" in finding.message


def test_the_fix_of_many_layers_is_one_change() -> None:
    deep = experiment(layers=[8] * 50, activation="linear")
    (found,) = [finding for finding in diagnose(plan(deep)) if finding.code == "linear-stack"]
    assert found.message.startswith("layers.0 to layers.49 have no activation")
    assert found.remedy == {
        "network.layers[hidden].activation": "relu",
        "network.layers[hidden].init": "he_normal",
    }
    fixed = deep.with_changes(found.remedy).network.layers
    assert {layer.activation.name for layer in fixed[:-1]} == {"relu"}  # type: ignore[attr-defined]
    assert fixed[-1] == deep.network.layers[-1]


def test_a_linear_stack_has_only_linear_hidden_layers() -> None:
    linear = {"activation": "linear"}
    assert "linear-stack" in codes(plan(experiment(**linear)))
    assert "linear-stack" not in codes(plan(experiment(layers=[], **linear)))
    assert "linear-stack" not in codes(plan(experiment(overrides=["network.layers[0].activation=linear"])))
    normalised = [
        {"units": 8, "activation": "linear"},
        {"type": "batchnorm", "activation": "relu"},
        {"units": 0},
    ]
    raw = {"data": {"dataset": "moons"}, "network": {"layers": normalised}}
    assert "linear-stack" not in codes(plan(Experiment.from_raw(raw)))


@pytest.mark.parametrize(
    ("optimizer", "lr", "code"),
    [
        ({"name": "sgd"}, 11.0, "learning-rate-high"),
        ({"name": "sgd", "momentum": 0.9}, 1.1, "learning-rate-high"),
        ({"name": "adam"}, 0.4, "learning-rate-high"),
        ({"name": "sgd"}, 1e-7, "learning-rate-low"),
        ({"name": "adam"}, 1e-7, "learning-rate-low"),
        ({"name": "sgd"}, 9.0, None),
        ({"name": "adam"}, 1e-5, None),
    ],
)
def test_rates_beyond_the_usual(optimizer: dict[str, Any], lr: float, code: str | None) -> None:
    assert codes(plan(experiment(optimizer=optimizer, lr=lr))) == ([code] if code else [])


def test_the_perceptron_may_have_any_rate() -> None:
    raw = {
        "data": {"dataset": "and"},
        "network": {"layers": [{"activation": "step"}]},
        "training": {"optimizer": {"name": "perceptron", "lr": 100.0}},
    }
    assert "learning-rate-high" not in codes(plan(Experiment.from_raw(raw), train=4))


# At the start


def test_zero_weights_are_right_only_without_a_hidden_layer() -> None:
    assert found(start(zero=True), "zero-init").severity == "error"
    assert "zero-init" not in codes(start(plan(experiment(layers=[])), zero=True))


@pytest.mark.parametrize(("alike", "severity"), [(1.0, "error"), (0.0, "warning")])
def test_duplicate_units_stay_duplicates_with_equal_outgoing_weights(alike: float, severity: str) -> None:
    assert found(start(alike=alike, alike_in=1.0), "symmetric-init").severity == severity


@pytest.mark.parametrize(
    ("gain", "speaks"), [(10.0, True), (4.1, True), (2.0, False), (0.2, False), (0.05, True)]
)
def test_gains_multiply_over_the_layers(gain: float, speaks: bool) -> None:
    given = plan(experiment(init="normal"))
    assert ("init-scale" in codes(start(given, gain=gain))) is speaks
    assert "init-scale" not in codes(
        start(gain=gain)
    )  # from the suitable initialiser: an unlikely draw of a few weights


def test_a_first_loss_near_ln_c_is_normal() -> None:
    assert "initial-loss" not in codes(start(loss=1.5 * LN2 + 0.49))
    assert "initial-loss" in codes(start(loss=1.5 * LN2 + 0.51, gain=3.0))
    assert "initial-loss" not in codes(start(loss=1.5 * LN2 + 0.51)), "drawn as usual: an unlucky draw"


@pytest.mark.parametrize(
    ("first", "code"),
    [(0.9e-4, "vanishing-gradients"), (1e-3, None), (6.0, None), (8.0, "exploding-gradients")],
)
def test_gradients_over_depth(first: float, code: str | None) -> None:
    seen = [figures("layers.0", gradient_norm=first), figures("layers.1"), figures("layers.2")]
    assert codes(start(None, *seen)) == ([code] if code else [])


def test_a_gradient_does_not_grow_where_the_signal_fades() -> None:
    seen = [figures("layers.0", gradient_norm=8.0), figures("layers.1"), figures("layers.2")]
    assert "exploding-gradients" not in codes(start(None, *seen, gain=0.2))


def test_relus_that_start_off_because_of_their_biases() -> None:
    seen = [figures("layers.0", dead=1.0), figures("layers.1"), figures("layers.2")]
    given = experiment(overrides=["network.layers[0].bias={name='constant', value=-9.0}"])
    finding = found(start(plan(given), *seen, bias=-9.0), "dead-relu")
    assert finding.remedy["network.layers[0].bias"] == "zeros"


def test_with_few_samples_healthy_units_are_often_off() -> None:
    def of(train: int, dead: float) -> list[str]:
        seen = [figures("layers.0", dead=dead), figures("layers.1"), figures("layers.2")]
        return codes(start(plan(train=train, shared=0.0), *seen))

    assert "dead-relu" in of(900, 0.6)
    assert "dead-relu" not in of(4, 0.6)
    assert "dead-relu" in of(4, 1.0)


@pytest.mark.parametrize(("last", "speaks"), [(0.06, False), (0.08, True), (None, True)])
def test_a_batch_that_cannot_be_memorised(last: float | None, speaks: bool) -> None:
    given = replace(start(), overfit=Overfit(16, 1000, 0.7, last, 0.9))
    assert ("cannot-overfit-batch" in codes(given)) is speaks


# While training


def test_nan_names_the_first_tensor() -> None:
    given = course(losses=(0.7,) * 10 + (math.nan,), steps=11, bad=BadTensor(10, "layers.1", "gradient"))
    finding = found(given, "nan")
    assert finding.layer == "layers.1"
    assert "gradient of layers.1" in finding.message
    assert finding.remedy


def test_a_gradient_explodes_only_when_it_stays_large() -> None:
    def one_layer(*norms: float) -> list[str]:
        given = start(plan(experiment(layers=[])), figures("layers.0"))
        seen = tuple(layers(i, figures("layers.0", gradient_norm=g)) for i, g in enumerate(norms))
        return codes(course(given, layers=seen))

    assert "exploding-gradients" in one_layer(1, 1, 1, 200, 300, 400)
    assert "exploding-gradients" not in one_layer(1, 1, 1, 200, 1, 400)


def test_a_gradient_that_only_recovers_does_not_explode() -> None:
    def seen(norm: float) -> list[str]:
        given = start(plan(experiment(layers=[8])))
        rows = [(1e-9, 0.1)] * 3 + [(norm, 0.1)] * 3
        measured = [
            layers(i, figures("layers.0", gradient_norm=first), figures("layers.1", gradient_norm=last))
            for i, (first, last) in enumerate(rows)
        ]
        return codes(course(given, layers=tuple(measured)))

    assert "exploding-gradients" in seen(0.2)
    assert "exploding-gradients" not in seen(1e-3)


def test_a_spike_without_recovery_means_too_high_a_rate() -> None:
    stays, heals = (0.7,) * 20 + (5.0,) * 10 + (0.7,) * 100, (0.7,) * 20 + (5.0,) * 10 + (0.1,) * 100
    assert "learning-rate-high" in codes(course(losses=stays))
    assert "learning-rate-high" not in codes(course(losses=heals))


def test_a_divergence_is_an_error() -> None:
    given = course(losses=(0.7, 9.0, 1e9), finished=finished(state="diverged", train_loss=0.7))
    assert found(given, "learning-rate-high").severity == "error"


def test_overshooting_updates_mean_too_high_a_rate() -> None:
    def of(after: float, ratio: float) -> list[str]:
        seen = [figures(f"layers.{i}", update_ratio=ratio) for i in range(3)]
        return codes(course(layers=tuple(layers(step, *seen, after=after) for step in (20, 40, 60))))

    assert "learning-rate-high" in of(0.8, 0.2)
    assert "learning-rate-high" not in of(0.69, 0.2)
    assert "learning-rate-high" not in of(0.8, 0.05)


def test_a_low_rate_shows_in_tiny_updates() -> None:
    def of(ratio: float, loss: float) -> list[str]:
        seen = [figures(f"layers.{i}", update_ratio=ratio) for i in range(3)]
        measured = tuple(layers(step, *seen) for step in (20, 40, 60))
        return codes(course(layers=measured, epochs=epochs([0.7, loss])))

    assert "learning-rate-low" in of(1e-5, 0.69)
    assert "learning-rate-low" not in of(1e-3, 0.69)
    assert "learning-rate-low" not in of(1e-5, 0.5)


def test_no_rate_is_too_low_where_no_gradient_arrives() -> None:
    def of(lr: float = 0.01, losses: tuple[float, ...] = (0.7,) * 200, **changes: Any) -> list[str]:
        last = figures("layers.2", update_ratio=1e-5)
        seen = [figures(f"layers.{i}", **{"update_ratio": 1e-5} | changes) for i in range(2)] + [last]
        measured = tuple(layers(step, *seen) for step in (20, 40, 60))
        given = start(plan(experiment(optimizer="adam", lr=lr)))
        return codes(course(given, layers=measured, losses=losses, epochs=epochs([0.7, 0.69])))

    assert "learning-rate-low" in of()
    assert "learning-rate-low" not in of(dead=0.95)
    assert "learning-rate-low" not in of(saturated=0.95)
    assert "learning-rate-low" not in of(gradient_norm=0.0)
    assert "learning-rate-low" not in of(update_ratio=0.0)
    assert "learning-rate-low" not in of(lr=0.2)  # ten times that is above the usual range of Adam
    assert "learning-rate-low" not in of(losses=(0.7,) * 10 + (30.0,) * 90)


def test_odd_updates_are_reported_once_for_all_layers() -> None:
    def of(*ratios: float) -> list[str]:
        seen = [figures(f"layers.{i}", update_ratio=ratio) for i, ratio in enumerate(ratios)]
        measured = tuple(layers(step, *seen) for step in (20, 40, 60))
        given = course(layers=measured, epochs=epochs([0.7, 0.7]))
        return [f.message for f in diagnose(given) if f.code == "update-ratio"]

    assert of(0.0, 0.0, 1e-3) == ["layers.0 and layers.1: the weights do not change: their gradients are 0"]
    low, high = of(5e-6, 1e-9, 4.5)
    assert low.startswith("layers.0 and layers.1: updates too small (up to 0.0005 % of the weights per step")
    assert high == "layers.2: updates too large (450 % of the weights per step; typical 0.1 %)"
    assert "less than 0.0001 % of the weights" in of(1e-9, 1e-9, 1e-3)[0]


@pytest.mark.parametrize(
    ("dead", "loss", "severity"),
    [(0.7, 0.6, "error"), (0.5, 0.6, "warning"), (0.3, 0.6, "info"), (0.7, 0.1, "info"), (0.2, 0.6, None)],
)
def test_dead_units_are_as_severe_as_the_loss_is_high(dead: float, loss: float, severity: str | None) -> None:
    seen = layers(150, figures("layers.0", dead=dead), figures("layers.1"), figures("layers.2"))
    given = course(layers=(start().layers, seen), epochs=epochs([0.7, loss]), steps=600)
    assert [f.severity for f in diagnose(given) if f.code == "dead-relu"] == ([severity] if severity else [])


def test_gradients_have_vanished_only_where_the_loss_is_stuck() -> None:
    seen = layers(90, figures("layers.0", gradient_norm=1e-5), figures("layers.1"), figures("layers.2"))
    measured = (seen, seen)
    assert (
        found(course(layers=measured, epochs=epochs([0.69] * 3)), "vanishing-gradients").severity == "error"
    )
    assert "vanishing-gradients" not in codes(course(layers=measured, epochs=epochs([0.69, 0.5, 0.3])))
    assert "vanishing-gradients" not in codes(course(layers=measured, epochs=epochs([0.69])))


def test_a_gradient_of_0_is_reported_in_words() -> None:
    def of(norm: float) -> str:
        seen = layers(90, figures("layers.0", gradient_norm=norm), figures("layers.1"), figures("layers.2"))
        return found(course(layers=(seen, seen), epochs=epochs([0.69] * 3)), "vanishing-gradients").message

    assert of(0.0) == "no gradient reaches layers.0: it is 0 there, and the loss does not fall"
    assert "10,000 times smaller" in of(1e-5)


def test_the_update_ratio_of_vanished_weights_means_nothing() -> None:
    def of(weight_norm: float) -> list[str]:
        given = start()
        seen = [figures(f.name, update_ratio=2.2, weight_norm=weight_norm) for f in given.layers.layers]
        measured = tuple(layers(step, *seen) for step in (20, 40, 60))
        return codes(course(given, layers=measured, epochs=epochs([0.7, 0.7])))

    assert "update-ratio" in of(1.0)
    assert "update-ratio" not in of(4e-7)


def test_a_plateau_is_at_the_loss_of_a_constant_prediction() -> None:
    assert "plateau" in codes(course(epochs=epochs([0.69] * 7)))
    assert "plateau" not in codes(course(epochs=epochs([0.3] * 7)))
    assert "plateau" not in codes(course(epochs=epochs([0.69] * 5)))


def test_a_loss_above_that_of_a_constant_prediction_is_called_worse() -> None:
    given = course(epochs=epochs([5.4] * 7), finished=finished(train_loss=5.4))
    assert "worse than a constant prediction (0.693)" in found(given, "plateau").message
    assert "ends at 5.4, worse than a constant prediction (0.693)" in found(given, "underfitting").message
    assert (
        "no better than a constant prediction" in found(course(epochs=epochs([0.69] * 7)), "plateau").message
    )


def test_overfitting_needs_a_lasting_rise_while_training_improves() -> None:
    falls = [0.6 - 0.05 * i for i in range(11)]
    rises = [0.5, 0.4, 0.4, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    wavers = [0.5, 0.4, 0.4, 0.4, 0.45, 0.4, 0.6, 0.4, 0.8, 0.4, 1.0]
    assert found(course(epochs=epochs(falls, rises)), "overfitting").remedy == {"training.patience": 5}
    assert "overfitting" not in codes(course(epochs=epochs(falls, wavers)))
    assert "overfitting" not in codes(course(epochs=epochs([0.6] * 11, rises)))


def test_the_end_separates_too_short_from_underfitting() -> None:
    falling, flat = epochs([0.69, 0.66, 0.6, 0.5]), epochs([0.69, 0.69, 0.69, 0.68])
    done = finished(train_loss=0.5)
    assert codes(course(epochs=falling, finished=done)) == ["too-short"]
    assert codes(course(epochs=flat, finished=done)) == ["underfitting"]


def test_few_updates_are_named_first() -> None:
    given = course(steps=58, epochs=epochs([0.69, 0.68]), finished=finished(train_loss=0.68))
    finding = found(given, "underfitting")
    assert finding.message.endswith(", after only 58 updates")
    once = course(steps=400, epochs=epochs([0.69]), finished=finished(train_loss=0.68))
    assert found(once, "underfitting").message.endswith(", after only one epoch")
    assert finding.remedy == {"training.epochs": 200}


def test_a_stuck_training_is_neither_too_long_nor_too_short_nor_overfitting() -> None:
    stuck = finished(train_loss=0.69)
    assert "too-long" not in codes(course(epochs=epochs([0.69] * 20, [0.69] * 20), finished=stuck))
    falls, rises = [9.0 - 0.7 * i for i in range(11)], [5.0] * 4 + [6.0 + i for i in range(7)]
    assert "overfitting" not in codes(course(epochs=epochs(falls, rises)))
    thrown = finished(train_loss=3.0)
    losses = (0.7,) * 50 + (40.0,) * 50
    given = course(losses=losses, epochs=epochs([30.0, 20.0, 9.0, 3.0]), finished=thrown)
    assert "too-short" not in codes(given)


def test_strong_weight_decay_is_named_as_the_reason() -> None:
    given = start(plan(experiment(optimizer="sgd", weight_decay=0.3)))
    finding = found(
        course(given, epochs=epochs([0.69] * 4), finished=finished(train_loss=0.69)), "underfitting"
    )
    assert finding.remedy == {"training.optimizer.weight_decay": 0.0}


def test_the_usual_weight_decay_of_adamw_is_not_strong() -> None:
    def of(decay: float) -> str:
        given = start(plan(experiment(layers=[], optimizer="adamw", weight_decay=decay)))
        end = finished(train_loss=0.69)
        return found(course(given, epochs=epochs([0.69] * 4), finished=end), "underfitting").message

    assert "no hidden layer" in of(0.01)
    assert "weight decay of 0.7 is too strong" in of(0.7)


def test_validation_better_than_training_by_more_than_luck() -> None:
    def of(accuracy: float, held_out: int) -> list[str]:
        end = finished(train_accuracy=0.8, validation_accuracy=accuracy, test_accuracy=0.8)
        return codes(course(start(plan(validation=held_out)), finished=end))

    assert "validation-better" in of(0.95, 400)
    assert "validation-better" not in of(0.83, 400)
    assert "validation-better" not in of(0.95, 20)


def test_a_test_part_may_be_the_easier_one_as_well() -> None:
    end = finished(train_accuracy=0.7, validation_accuracy=0.7, test_accuracy=0.9)
    finding = found(course(finished=end), "validation-better")
    assert "90 % on the test samples" in finding.message
    assert finding.evidence["test"] == 0.9
    end = finished(train_accuracy=0.7, validation_accuracy=0.7, test_accuracy=0.72)
    assert codes(course(finished=end)) == []


@pytest.mark.parametrize(("accuracy", "speaks"), [(0.5, True), (0.75, True), (0.85, False), (1.0, False)])
def test_a_perceptron_on_classes_that_are_not_linearly_separable(accuracy: float, speaks: bool) -> None:
    raw = experiment("xor", layers=[], activation="step", optimizer="perceptron", lr=0.1)
    given = start(plan(raw, class_counts=(2, 2), baseline=None))
    end = finished(train_accuracy=accuracy, train_loss=0.5)
    assert ("underfitting" in codes(course(given, finished=end))) is speaks


def test_the_fix_of_a_perceptron_on_xor_learns_by_gradient() -> None:
    raw = experiment("xor", layers=[], activation="step", optimizer="perceptron", lr=0.1)
    given = start(plan(raw, class_counts=(2, 2), baseline=None))
    remedy = found(course(given, finished=finished(train_accuracy=0.5)), "underfitting").remedy
    fixed = raw.with_changes(remedy)
    assert fixed.training.optimizer.name != "perceptron"
    assert len(fixed.network.layers) == 2


def test_a_long_training_is_too_long_when_the_loss_is_near_0_early() -> None:
    def of(losses: list[float]) -> list[str]:
        return codes(course(epochs=epochs(losses, losses), finished=finished(train_loss=0.001)))

    done_early = [0.5, 0.1, 0.004] + [0.004 * 0.9**i for i in range(60)]
    assert of(done_early) == ["too-long"]
    assert "too-long" not in of(done_early[:40])  # not yet a long training
    assert "too-long" not in of([0.5 * 0.95**i for i in range(60)])


# After


def test_weights_that_are_not_finite_are_the_only_finding() -> None:
    known, data = plan_of(experiment())
    assert data is not None
    network = Network(known.experiment.network, data.input_shape, 0, "float32")
    assert gather.result_of(course(), network, data).bad_layer is None
    network.theta[-1] = math.nan  # the bias of the output
    (finding,) = diagnose(gather.result_of(course(), network, data))
    assert (finding.code, finding.severity, finding.layer) == ("nan", "error", "layers.2")


def test_a_class_that_is_never_predicted() -> None:
    classes = (ClassResult("a", 50, 50, 60), ClassResult("b", 10, 0, 0))
    assert found(Result(course(), classes), "never-predicted").evidence["classes"] == ["b"]
    rare = (ClassResult("a", 50, 50, 60), ClassResult("b", 9, 0, 0))
    assert codes(Result(course(), rare)) == []


def test_more_rows_are_suggested_only_for_a_rare_class() -> None:
    def of(samples: int) -> str:
        classes = (ClassResult("a", 50, 50, 50 + samples), ClassResult("b", samples, 0, 0))
        given = Result(course(), classes, samples=50 + samples)
        return found(given, "never-predicted").message

    assert "add training samples" in of(10)
    assert "add training samples" not in of(50)


@pytest.mark.parametrize(("confidence", "speaks"), [(0.92, True), (0.88, False)])
def test_confidence_above_accuracy(confidence: float, speaks: bool) -> None:
    given = Result(course(), (), confidence, 0.8, 0.1, 200)
    assert ("overconfident" in codes(given)) is speaks


def test_a_stuck_training_gets_no_early_stopping() -> None:
    def remedy(train_loss: float) -> dict[str, Any]:
        given = course(finished=finished(train_loss=train_loss))
        return found(Result(given, confidence=0.99, accuracy=0.5, samples=200), "overconfident").remedy

    assert remedy(0.1)
    assert remedy(0.69) == {}
