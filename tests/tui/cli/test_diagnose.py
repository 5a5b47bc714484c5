"""`nnterm diagnose` of files, options and runs: findings, JSON lines, exit codes, bad input."""

import shlex
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.doctor.explanations import UNEXPLAINED
from engine.events import Finding, Resumed, Steps
from engine.experiment.overrides import parse_assignment
from engine.runs import Run
from engine.runs.diagnosis import events_that_count
from tests.toys.registering import rule_files
from tests.tui.cli.conftest import Nnterm
from tests.tui.fake_runs import checkpoint, finished
from tui.cli.finding_lines import set_line, set_lines

FAULTY = """
force = true
[data]
dataset = "moons"
[network]
layers = [{ units = 8, init = "zeros" }, { init = "zeros" }]
"""


def test_a_sound_experiment_has_no_finding(nnterm: Nnterm) -> None:
    result = nnterm("diagnose", "--dataset", "moons")
    assert result.code == 0
    assert "no findings" in result.out
    assert nnterm("diagnose", "--dataset", "moons", "--json").out == ""


def test_a_faulty_file_gets_a_fix_and_exit_1(nnterm: Nnterm, tmp_path: Path) -> None:
    file = tmp_path / "faulty.toml"
    file.write_text(FAULTY)
    result = nnterm("diagnose", str(file))
    assert result.code == 1
    assert "error: zero-init" in result.out
    assert "--set 'network.layers[0].init=he_normal'" in result.out
    fixed = nnterm("diagnose", str(file), "--set", "network.layers[0].init=he_normal")
    assert fixed.code == 0


def test_what_train_refuses_is_diagnosed(nnterm: Nnterm) -> None:
    wrong = ("--dataset", "spirals", "--set", "network.layers[2].activation=relu")
    assert nnterm("train", *wrong).code == 2
    result = nnterm("diagnose", *wrong, "--json")
    assert result.code == 1
    assert result.lines[0]["code"] == "output-loss-mismatch"
    assert result.lines[0]["remedy"] == {"network.layers[2].activation": "softmax"}


def test_a_warning_exits_0(nnterm: Nnterm) -> None:
    result = nnterm("diagnose", "--dataset", "moons", "--lr", "5", "--json")
    assert result.code == 0
    (line,) = result.lines
    assert line["type"] == "finding"
    assert (line["code"], line["severity"]) == ("learning-rate-high", "warning")
    assert line["remedy"] == {"training.optimizer.lr": 0.01}
    assert line["reference"]


def test_nan_in_a_file_is_a_finding(nnterm: Nnterm, tmp_path: Path) -> None:
    x = np.ones((20, 3))
    x[3, 1] = np.nan
    np.savez(tmp_path / "holes.npz", x=x, y=np.arange(20) % 2)
    result = nnterm("diagnose", "--dataset", str(tmp_path / "holes.npz"), "--json")
    assert result.code == 1
    evidence = {"values": 1, "rows": 1, "array": "x", "columns": [1], "by_column": {"column 1": 1}}
    assert result.lines[0]["evidence"] == evidence


def test_overfit_is_tried_on_request(nnterm: Nnterm) -> None:
    hopeless = ("--dataset", "moons", "--init", "zeros", "--overfit", "--json")
    codes = [line["code"] for line in nnterm("diagnose", *hopeless).lines]
    assert codes == ["zero-init", "cannot-overfit-batch"]


def test_a_run_is_diagnosed_by_what_it_left_behind(nnterm: Nnterm) -> None:
    """With a checkpoint an epoch: else a slow computer keeps fewer of them, and there is less evidence."""
    layers = ("--layers", "16,16,16,16,16,16", "--activation", "sigmoid", "--set", "checkpoints.every=1")
    options = ("--optimizer", "sgd", "--lr", "0.1", "--epochs", "10", "--name", "flat", "--json")
    assert nnterm("train", "--dataset", "moons", *layers, *options).code == 0
    before = sorted(Run.open("flat").path.iterdir())
    result = nnterm("diagnose", "flat", "--json")
    assert result.code == 1
    assert result.lines[0]["code"] == "vanishing-gradients"
    assert "plateau" in [line["code"] for line in result.lines if line["cause"] == "vanishing-gradients"]
    assert sorted(Run.open("flat").path.iterdir()) == before
    text = nnterm("diagnose", "flat").out
    assert "explains plateau" in text


def test_a_run_that_diverged_names_the_rate(nnterm: Nnterm) -> None:
    assert (
        nnterm(
            "train", "--dataset", "sine", "--optimizer", "sgd", "--lr", "9", "--name", "hot", "--json"
        ).code
        == 1
    )
    codes = [line["code"] for line in nnterm("diagnose", "--run", "hot", "--json").lines]
    assert "learning-rate-high" in codes[:2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("diagnose",), "an experiment file"),
        (("diagnose", "nowhere.toml"), "cannot read nowhere.toml"),
        (("diagnose", "nowhere"), "nowhere"),
        (("diagnose", "--run", "nowhere"), 'there is no run "nowhere"'),
        (("diagnose", "--run", "x", "--lr", "3"), "--lr is incompatible with a run"),
        (("diagnose", "--run", "x", "--overfit"), "--overfit is incompatible with a run"),
        (("diagnose", "--run", "x", "a.toml"), "FILE is incompatible with a run"),
        (("diagnose", "--dataset", "mnits"), 'did you mean "mnist"?'),
        (("diagnose", "--explain", "dead-rlu"), 'did you mean "dead-relu"?'),
        (("diagnose", "--explain", "nan", "--lr", "3"), "--lr is incompatible with --explain"),
        (("diagnose", "--explain", "nan", "--run", "x"), "--run is incompatible with --explain"),
    ],
)
def test_bad_input_is_one_clear_line(nnterm: Nnterm, arguments: tuple[str, ...], message: str) -> None:
    result = nnterm(*arguments)
    assert result.code == 2
    assert message in result.err
    assert result.err.startswith("error: ")
    assert result.out == ""


def test_a_code_is_explained_with_its_sources(nnterm: Nnterm) -> None:
    result = nnterm("diagnose", "--explain", "dead-relu")
    assert result.code == 0
    assert "no gradient reaches its weights" in " ".join(result.out.split())
    assert result.out.count("source:") == 2
    (line,) = nnterm("diagnose", "--explain", "dead-relu", "--json").lines
    assert (line["type"], line["code"], len(line["references"])) == ("explanation", "dead-relu", 2)


def test_a_finding_names_the_command_that_explains_it(nnterm: Nnterm) -> None:
    assert (
        "nnterm diagnose --explain learning-rate-high"
        in nnterm("diagnose", "--dataset", "moons", "--lr", "50").out
    )


def test_a_remedy_survives_the_shell() -> None:
    remedy = {
        "training.optimizer.lr": 0.01,
        "network.layers[0].init": "he_normal",
        "network.layers": [
            {"type": "dense", "units": 64, "activation": "relu"},
            {"type": "dense", "bias": {"name": "zeros"}},
        ],
    }
    words = [word for word in shlex.split(set_line(remedy)) if word != "--set"]
    assert dict(parse_assignment(word) for word in words) == remedy


def test_events_that_were_rolled_back_do_not_count() -> None:
    def steps(first: int) -> Steps:
        return Steps(time=0, step=first, losses=[1.0] * 10, seconds=1, epoch=1, learning_rate=0.1)

    def found(step: int) -> Finding:
        return Finding(time=0, step=step, code="plateau", severity="warning", message="m")

    resumed = Resumed(time=0, step=10, path="")
    kept = events_that_count([steps(0), found(10), steps(10), found(20), resumed, steps(10)])
    assert kept == [steps(0), found(10), resumed, steps(10)]


def test_findings_about_an_end_do_not_count_after_a_resume() -> None:
    early = Finding(time=0, step=10, code="overfitting", severity="warning", message="m")
    late = Finding(time=0, step=10, code="too-short", severity="info", message="m")
    resumed = Resumed(time=0, step=10, path="")
    events = [early, checkpoint(10), late, msgspec.structs.replace(finished(), step=10)]
    assert events_that_count([*events, resumed]) == [early, checkpoint(10), resumed]


def test_a_new_rule_without_an_explanation_is_shown_and_explained(nnterm: Nnterm) -> None:
    with rule_files():
        shown = nnterm("diagnose", "--dataset", "moons", "--epochs", "1")
        assert (shown.code, "warning: single-epoch" in shown.out) == (0, True)
        explained = nnterm("diagnose", "--explain", "single-epoch")
    assert (explained.code, explained.err) == (0, "")
    assert UNEXPLAINED in explained.out
    assert "section 8.1.3" in explained.out
    assert nnterm("diagnose", "--explain", "single-epoch").code == 2


@pytest.mark.parametrize("width", [40, 80, 100])
def test_a_long_fix_is_wrapped_so_that_a_shell_reads_it_as_one(width: int) -> None:
    remedy = {f"network.layers[{i}].activation": "relu" for i in range(20)}
    lines = set_lines(remedy, "  fix:      ", width)
    assert all(
        len(line) <= max(width, len("  fix:      --set 'network.layers[10].activation=relu' \\"))
        for line in lines
    )
    assert not [line for line in lines if line != line.rstrip()]
    words = shlex.split("\n".join(lines).replace("\\\n", " "))
    assert words[1:] == shlex.split(set_line(remedy))
    assert set_lines({"training.epochs": 20}, "  fix:      ", width) == [
        "  fix:      --set training.epochs=20"
    ]


def test_findings_in_a_pipe_are_at_most_100_columns_wide(nnterm: Nnterm) -> None:
    result = nnterm("diagnose", "--dataset", "moons", "--layers", "8,8,8,8,8,8,8,8", "--activation", "linear")
    assert "linear-stack" in result.out
    assert all(len(line) <= 100 and line == line.rstrip() for line in result.out.splitlines())
