"""`nnterm check --steps N`: the table, the JSON lines, the exit codes, refused options."""

import pytest

from engine.torch import library
from engine.training import step as updates
from tests.tui.cli.conftest import Nnterm

XOR = ("check", "--dataset", "xor", "--layers", "3", "--device", "cpu")


def test_trainings_that_stay_together_exit_0(nnterm: Nnterm) -> None:
    result = nnterm(*XOR, "--steps", "20", "--optimizer", "adam")
    assert result.code == 0
    lines = result.out.splitlines()
    assert lines[0] == "2-3-1, binary_cross_entropy, adam 0.001, constant rate, batch 4, 20 steps in float64"
    assert [row.split()[-1] for row in lines[2:6]] == ["ok"] * 4
    assert "PASSED: all 4 parameter tensors agree with PyTorch after 20 steps of adam" in result.out


def test_with_json_there_is_an_object_a_line(nnterm: Nnterm) -> None:
    result = nnterm(*XOR, "--steps", "20", "--json")
    types = [line["type"] for line in result.lines]
    assert (types[0], types[-1]) == ("trajectory_started", "trajectory_finished")
    assert types.count("trajectory") == 4
    last = result.lines[-1]
    assert (last["passed"], last["steps"], last["departure"]) == (True, 20, None)
    assert last["relative_difference"] < 1e-9


def test_a_missing_clip_exits_1_and_says_so(nnterm: Nnterm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "clip_by_norm", lambda grad, max_norm: 0.0)
    arguments = (*XOR, "--steps", "5", "--clip-norm", "0.01")
    result = nnterm(*arguments)
    assert result.code == 1
    assert "FAILED: the trainings part at step 1" in result.out
    assert "clipping to 0.01 is missing" in result.out
    departure = nnterm(*arguments, "--json").lines[-1]["departure"]
    assert (departure["step"], departure["cause"], departure["learning_rate"]) == (1, "update", 2.0)


REFUSED = {
    "no steps": (("--steps", "0"), "--steps"),
    "negative steps": (("--steps", "-3"), "--steps"),
    "steps not a number": (("--steps", "many"), '--steps = "many" must be a whole number'),
    "float32": (("--steps", "3", "--dtype", "float32"), "--dtype float32 is incompatible with --steps"),
    "no torch": (("--steps", "3", "--no-torch"), "--no-torch is incompatible with --steps"),
    "samples": (("--steps", "3", "--samples", "8"), "--samples is incompatible with --steps"),
    "burn-in": (("--steps", "3", "--burn-in", "2"), "--burn-in is incompatible with --steps"),
    "a device that is not here": (("--steps", "3", "--device", "abacus"), 'there is no device "abacus"'),
}


@pytest.mark.parametrize(("arguments", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_one_clear_line(nnterm: Nnterm, arguments: tuple[str, ...], expected: str) -> None:
    result = nnterm("check", "--dataset", "xor", "--layers", "3", *arguments)
    assert result.code == 2
    assert result.out == ""
    assert expected in result.err
    assert "Traceback" not in result.err


def test_without_torch_it_names_the_package_to_install(
    nnterm: Nnterm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(library.importlib, "import_module", missing)
    result = nnterm("check", "--dataset", "xor", "--steps", "3")
    assert result.code == 2
    assert "error: PyTorch is not installed" in result.err
    assert "pip install torch" in result.err


def test_a_run_is_the_start_where_one_is_named(nnterm: Nnterm) -> None:
    assert nnterm("train", "--dataset", "xor", "--layers", "3", "--epochs", "5", "--name", "r").code == 0
    result = nnterm("check", "--run", "r", "--steps", "5")
    assert result.code == 0, result.err
    assert "after 5 steps of sgd" in result.out
    assert nnterm("check", "--run", "r", "--steps", "5", "--seed", "1").code == 2
