"""The gradient check of PyTorch modules."""

from typing import Any

import numpy as np
import pytest

import engine
from tests.engine.oracles import torch

X = np.random.default_rng(0).standard_normal((6, 3)).astype(np.float32)
CLASSES = np.array([0, 1, 1, 0, 1, 0])


def test_a_module_with_modes_passes_and_stays_as_it_is() -> None:
    nn = torch.nn
    module = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Dropout(0.4), nn.Linear(3, 2))
    before = {name: value.clone() for name, value in module.state_dict().items()}
    state = torch.get_rng_state()
    report = engine.check_gradients(module, X, CLASSES)
    assert report.passed, report.message
    assert list(report.parameters) == ["0.weight", "0.bias", "1.weight", "1.bias", "4.weight", "4.bias"]
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert torch.equal(state, torch.get_rng_state())
    assert module[0].weight.dtype == torch.float32


@pytest.mark.parametrize("y", [CLASSES, X[:, 0]])
def test_one_output_takes_classes_and_values(y: Any) -> None:
    assert engine.check_gradients(torch.nn.Linear(3, 1), X, y).passed


def test_a_wrong_backward_is_found() -> None:
    class Square(torch.autograd.Function):  # type: ignore[misc, name-defined]
        @staticmethod
        def forward(context: Any, x: Any) -> Any:
            context.save_for_backward(x)
            return x**2

        @staticmethod
        def backward(context: Any, gradient: Any) -> Any:
            return gradient * context.saved_tensors[0]  # without the factor 2

    class Module(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.inner, self.outer = torch.nn.Linear(3, 2), torch.nn.Linear(2, 2)

        def forward(self, x: Any) -> Any:
            return self.outer(Square.apply(self.inner(x)))

    report = engine.check_gradients(Module(), X, CLASSES)
    assert [row.name for row in report.rows if row.failed] == ["inner.weight", "inner.bias"]
    assert "half the true gradient" in report.message


def test_a_module_that_cannot_be_checked_is_refused() -> None:
    with pytest.raises(engine.DataError, match="no parameters"):
        engine.check_gradients(torch.nn.ReLU(), X, CLASSES)
    with pytest.raises(engine.DataError, match="raised RuntimeError"):
        engine.check_gradients(torch.nn.Linear(2, 2), X, CLASSES)
    with pytest.raises(engine.DataError, match=r"takes an engine\.Network, not a Linear"):
        engine.verify_with_torch(torch.nn.Linear(3, 2), X, CLASSES)
    with pytest.raises(engine.DataError, match="x is no array of numbers: function"):
        engine.check_gradients(torch.nn.Linear(3, 2), lambda w: w, CLASSES)
