"""The benchmark runs real contenders, compares them, and names those it cannot measure; no test depends on speed."""

import numpy as np
import pytest

from engine.bench import CASES, BenchRow, SkippedRow, run_bench
from engine.bench.naive import NaiveNetwork
from engine.bench.rivals import torch_step
from engine.errors import NntermError
from engine.nn.network import Network


def test_a_row_compares_the_engine_with_a_rival() -> None:
    rows = list(run_bench(["xor-sgd"], ["naive", "limit"], seconds=0.05, starts=2))
    assert [(row.case, row.against) for row in rows] == [("xor-sgd", "naive"), ("xor-sgd", "limit")]
    for row in rows:
        assert isinstance(row, BenchRow)
        assert row.steps_per_s > 0
        assert row.spread[0] <= row.ratio <= row.spread[1]


def test_a_rival_that_is_not_installed_is_reported_as_skipped(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    broken = tmp_path / "sklearn"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise ModuleNotFoundError('no', name='sklearn')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (row,) = run_bench(["xor-sgd"], ["sklearn"], seconds=0.05, starts=2)
    assert isinstance(row, SkippedRow)
    assert "sklearn" in row.reason


@pytest.mark.parametrize(("cases", "against"), [(["mnist-65-sgd"], []), ([], ["tensorflow"])])
def test_an_unknown_name_is_refused_with_the_nearest(cases: list[str], against: list[str]) -> None:
    with pytest.raises(NntermError, match=r"is not a (case|rival)") as error:
        next(run_bench(cases, against))
    assert "known:" in error.value.hint


def test_the_naive_code_computes_the_same_as_the_engine() -> None:
    case = CASES["spirals-32-sgd"]
    network = Network(case.experiment().network, (2,), seed=1, dtype="float64")
    naive = NaiveNetwork([2, 64, 64, 3], "relu", "sgd", lr=0.1)
    for i, layer in enumerate(network.layers, start=1):
        naive.parameters[f"W{i}"], naive.parameters[f"b{i}"] = layer.weight.copy(), layer.bias[:, None].copy()
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((32, 2)), rng.integers(0, 3, 32)
    loss = naive.train_step(x.T, naive.one_hot(y))
    assert loss == pytest.approx(network.loss_and_gradient(x, y), rel=1e-9)
    network.theta -= 0.1 * network.grad
    for i, layer in enumerate(network.layers, start=1):
        np.testing.assert_allclose(naive.parameters[f"W{i}"], layer.weight, rtol=1e-9)


@pytest.mark.parametrize("fused", [False, True])
def test_the_torch_step_learns(fused: bool) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((64, 2)).astype(np.float32)
    y = (x[:, 0] > 0).astype(np.int64)
    step = torch_step(CASES["spirals-32-sgd"], [2, 64, 64, 3], x, y, fused)
    for _ in range(20):
        step(np.arange(64))
