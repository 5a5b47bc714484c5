"""A run is given by its name or by the path of its folder, wherever RUN stands."""

import shutil
from pathlib import Path

import pytest

from engine.experiment.experiment import Experiment
from engine.runs import Run, list_runs
from tests.tui.cli.conftest import Nnterm


@pytest.fixture
def run(nnterm: Nnterm) -> Run:
    """Return a run that has finished."""
    assert nnterm("train", "--dataset", "xor", "--epochs", "2", "--name", "mine").code == 0
    return Run.open("mine")


def test_paths_of_every_form_name_a_run(
    nnterm: Nnterm, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(run.path.parent)
    (tmp_path / "link").symlink_to(run.path)
    forms = [str(run.path), f"{run.path}/", "./mine", "../runs/mine", "~/home/runs/mine", "~/link"]
    shown = nnterm("show", "mine").out
    assert [nnterm("show", form).out for form in forms] == [shown] * len(forms)
    monkeypatch.chdir(run.path)
    assert nnterm("show", ".").out == shown


def test_every_reader_takes_a_path(nnterm: Nnterm, run: Run) -> None:
    path = str(run.path)
    for command in (
        ("evaluate", path),
        ("diagnose", path),
        ("check", path, "--no-torch"),
        ("tag", path, "good"),
        ("note", path, "a note"),
        ("compare", path, "mine"),
    ):
        assert nnterm(*command).code in (0, 1), command
    assert nnterm("show", "mine", "--json").lines[0]["tags"] == ["good"]
    assert nnterm("stop", path).err.startswith("error: mine is not running")
    assert nnterm("check", "mine", "--lr", "1").err.startswith("error: --lr is incompatible with a run")


def test_a_run_of_another_home_is_renamed_forked_and_removed_there(
    nnterm: Nnterm, run: Run, tmp_path: Path
) -> None:
    other = tmp_path / "other home"
    (other / "runs").mkdir(parents=True)
    moved = run.path.rename(other / "runs" / "mine")
    assert nnterm("rename", str(moved), "yours").out == "mine renamed to yours\n"
    path = str(moved.parent / "yours")
    assert nnterm("fork", path, "--at", "1", "--plain").code == 0
    assert [summary.name for summary in list_runs(other)] == ["yours-2", "yours"]
    out = nnterm("rm", path, "--yes").out
    assert out.endswith(f"restore it with: nnterm rm --restore yours --home '{other}'\n")
    assert nnterm("rm", "--restore", "yours", "--home", str(other)).code == 0


def test_a_copy_outside_of_a_home_is_read_and_forked_but_not_moved(
    nnterm: Nnterm, run: Run, home: Path, tmp_path: Path
) -> None:
    copy = run.path.rename(tmp_path / "backup")
    before = sorted(tmp_path.iterdir())
    assert nnterm("show", str(copy)).code == 0
    for command in (("rm", str(copy), "--yes"), ("rename", str(copy), "new")):
        refused = nnterm(*command)
        assert (refused.code, refused.err.count("error:")) == (2, 1)
        assert "is in no folder runs" in refused.err
    assert sorted(tmp_path.iterdir()) == before
    assert nnterm("fork", str(copy), "--at", "1", "--plain").code == 0
    assert [summary.name for summary in list_runs(home)] == ["mine"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("./nowhere", "./nowhere does not exist"),
        ("/", "/ is not the folder of a run"),
        ("./file", "./file is a file, not the folder of a run"),
        ("./circle", "./circle cannot be read"),
        ("~nobody-of-this-name/x", "does not exist"),
        ("./" + "x" * 5000, "cannot be read"),
        ("mine2", 'there is no run "mine2"'),
        ("with space", '"with space" cannot be the name of a run'),
    ],
)
def test_a_wrong_run_is_one_line(
    nnterm: Nnterm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "circle").symlink_to("circle")
    for command in ("show", "rm", "resume"):
        result = nnterm(command, given)
        assert (result.code, result.out) == (2, "")
        assert says in result.err.splitlines()[0]
        assert len(result.err.splitlines()) == 2


def test_a_run_whose_folder_is_a_link_is_not_resumed(nnterm: Nnterm, run: Run, tmp_path: Path) -> None:
    target = run.path.rename(tmp_path / "elsewhere")
    run.path.symlink_to(target)
    before = sorted(target.iterdir())
    refused = nnterm("resume", "mine", "--set", "epochs=9")
    assert (refused.code, "is a symbolic link" in refused.err) == (2, True)
    assert sorted(target.iterdir()) == before


def test_of_many_runs_at_most_three_are_named(nnterm: Nnterm, home: Path) -> None:
    for number in range(40):
        (home / "runs" / f"mnist-{number}").mkdir(parents=True)
    hint = nnterm("show", "mnits-1").err.splitlines()[1]
    assert hint.count("mnist") == 3
    assert hint.endswith("40 runs: see nnterm runs")
    assert nnterm("show", "qqq").err.splitlines()[1] == "hint:  40 runs: see nnterm runs"


def test_what_exists_decides_between_file_and_run(
    nnterm: Nnterm, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = Run.create(Experiment.quick("moons", [4]), home, "moons.toml")
    (home / "runs" / "moon-1").mkdir()
    assert "this run" in nnterm("diagnose", "moons.toml").out  # no such file: the run
    Experiment.quick("moons", [4]).save(tmp_path / "moons.toml")
    assert "this experiment" in nnterm("diagnose", "moons.toml").out
    for command in (("check",), ("diagnose",), ("try", "overfit")):
        neither = nnterm(*command, "mon-1")
        assert neither.err.splitlines()[0] == 'error: "mon-1" is neither a file nor a run'
        assert "did you mean the run moon-1?" in neither.err
        assert "cannot read mons.toml" in nnterm(*command, "mons.toml").err
    shutil.rmtree(run.path)  # it never had a worker to kill


def test_answers_about_a_path_name_the_run(nnterm: Nnterm, run: Run) -> None:
    path = str(run.path)
    for command in (
        ("check", path, "--steps", "1"),
        ("check", path, "--explain"),
        ("check", path, "--explain", "--at-step", "1"),
        ("try", "overfit", path),
    ):
        assert nnterm(*command, "--json").lines[0]["run"] == "mine", command


def test_a_folder_to_work_in_is_no_run(
    nnterm: Nnterm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert nnterm("init", "--dataset", "xor").code == 0
    for command in ("show", "diagnose", "resume", "fork"):
        refused = nnterm(command, ".")
        assert (refused.code, "error: . is not the folder of a run" in refused.err) == (2, True), command
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["experiment.toml"]


def test_train_says_how_to_resume_a_run_or_train_it_again(nnterm: Nnterm, run: Run) -> None:
    for named in ("mine", str(run.path)):
        refused = nnterm("train", named)
        assert refused.code == 2
        assert refused.err.startswith(f'error: "{named}" is a run, not an experiment file')
        assert f"nnterm resume {named} continues it" in refused.err


def test_hints_about_a_run_of_another_home_hold_as_typed(nnterm: Nnterm, tmp_path: Path) -> None:
    elsewhere = ("--home", str(tmp_path / "an other"))
    assert nnterm("train", "--dataset", "xor", "--epochs", "1", "--name", "far", *elsewhere).code == 0
    refused = nnterm("resume", "far", *elsewhere)
    named = f"'{tmp_path}/an other/runs/far'"
    assert f"nnterm resume {named} --set epochs=2" in refused.err
    assert nnterm("resume", named.strip("'"), "--set", "epochs=2", "--plain").code == 0
