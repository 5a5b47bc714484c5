"""`nnterm try`: the list, plot and conclusion, JSON lines, exit codes, bad input."""

import shutil
from pathlib import Path

import pytest

from engine.experiment.experiment import Experiment
from engine.runs import Run
from engine.trials import TRIALS
from tests.tui.cli.conftest import Nnterm


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Return the path of a small experiment's file."""
    path = tmp_path / "small.toml"
    Experiment.quick("moons", [16]).save(path)
    return str(path)


def test_without_a_name_it_lists_the_trials(nnterm: Nnterm) -> None:
    result = nnterm("try")
    assert result.code == 0
    for trial in TRIALS.values():
        assert f"{trial.name}  " in result.out
        assert trial.question in result.out
    assert [line["name"] for line in nnterm("try", "--json").lines] == [*TRIALS]


def test_a_batch_learned_by_heart_is_a_plot_and_a_sentence(nnterm: Nnterm, file: str) -> None:
    result = nnterm("try", "overfit", file)
    assert result.code == 0
    assert "✓ It memorised 16 samples" in result.out
    assert "┤" in result.out
    assert "source:  CS231n" in result.out
    assert "\x1b" not in result.out


def test_a_no_ends_with_1_and_names_the_setting(nnterm: Nnterm, file: str) -> None:
    result = nnterm("try", "overfit", file, "--init", "zeros", "--force")
    assert result.code == 1
    assert "✗ It cannot overfit 16 samples" in result.out
    assert "try it:  --set 'network.layers[0].init=" in result.out


def test_json_lines_end_in_the_answer(nnterm: Nnterm, file: str) -> None:
    result = nnterm("try", "overfit", file, "--json")
    assert (result.code, result.lines[0]["type"]) == (0, "trial_started")
    last = result.lines[-1]
    assert (last["type"], last["outcome"], last["passed"]) == ("trial_finished", "learned", True)
    assert last["figures"]["accuracy"] == 1.0


def test_a_run_is_tried_and_stays_as_it_is(nnterm: Nnterm, home: Path) -> None:
    run = Run.create(Experiment.quick("moons", [8]), home, "mine")
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    result = nnterm("try", "overfit", "--run", "mine", "--json")
    assert result.lines[-1]["type"] == "trial_finished"
    assert {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()} == before
    shutil.rmtree(run.path)  # it never had a worker to kill


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("overfitt",), 'error: "overfitt" is not a trial\nhint:  did you mean "overfit"?'),
        (("overfit",), "error: an experiment file or --dataset is required"),
        (("overfit", "no.toml"), "error: cannot read no.toml"),
        (("shuffled", "--dataset", "xor"), "error: xor has only 4 different training samples"),
        (("seeds", "--run", "nobody"), 'error: there is no run "nobody"'),
        (("seeds", "--run", "nobody", "--lr", "1"), "error: --lr is incompatible with a run"),
        (("seeds", "x.toml", "--run", "nobody"), "error: FILE is incompatible with a run"),
    ],
)
def test_bad_input_is_one_line_and_a_hint(nnterm: Nnterm, arguments: tuple[str, ...], says: str) -> None:
    result = nnterm("try", *arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(says)
    assert "hint:" in result.err
