"""No false alarm: random networks, datasets and seeds, all of them right.

Each is checked by finite differences, or compared with PyTorch, or both. `make test` draws the same 400 networks each
time; `make test-all` draws 2,000 with a fresh seed, which it prints and reuses with `--networks-seed`.
"""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from engine.gradcheck import check_gradients
from engine.torch import verify_with_torch
from tests.engine.gradcheck.drawn import Drawn, networks


def draw(check: Callable[[Drawn], None], config: pytest.Config, share: float) -> None:
    """Check `share` of 400 networks, or of 2,000 with a fresh seed where all are to be drawn."""
    fresh = config.getoption("all_networks")
    examples = round(share * (2000 if fresh else 400))
    many = settings(
        max_examples=examples,
        derandomize=not fresh,
        suppress_health_check=[HealthCheck.too_slow],
        phases=[Phase.generate],
    )
    checked = many(given(drawn=networks())(check))
    if fresh:
        checked = seed(config.getoption("networks_seed"))(checked)
    checked()


def test_finite_differences_find_no_fault(pytestconfig: pytest.Config) -> None:
    def check(drawn: Drawn) -> None:
        network, x, y = drawn.build()
        report = check_gradients(network, x, y)
        assert report.passed, report.describe()

    draw(check, pytestconfig, 0.15)  # these take four times as long


def test_pytorch_finds_no_fault(pytestconfig: pytest.Config) -> None:
    def check(drawn: Drawn) -> None:
        network, x, y = drawn.build()
        report = verify_with_torch(network, x, y, device="cpu", dtype=network.dtype.name)
        assert report.passed, report.describe()

    draw(check, pytestconfig, 0.85)


PINNED = {
    "gelu's tail, all of whose digits cancel": Drawn((287851, 235302, 49554), 3758, 1253, 600369),
    "gelu's tail, two layers below": Drawn((270, 39, 202), 5399, 327, 180),
    "a gradient that cancels, the batch doubled": Drawn((414236, 254845, 27799), 3102, 82, 290010),
    "samples all alike, which normalised lie at a kink": Drawn((196234, 360578, 558729), 5262, 995, 665908),
    "samples all alike, which normalised lie at a step's jump": Drawn((415537, 24971), 3918, 2140, 623638),
    "the same, with the batch doubled": Drawn((407264, 269701), 856, 3412, 836525),
    "outputs that cancel to nothing but rounding": Drawn((431005, 537211), 489, 2784, 456665),
    "samples all alike, which normalised turn within less than a step": Drawn(
        (157307, 497163), 847, 3316, 950407
    ),
    "a narrow spread, beyond which the loss is flat": Drawn((312800, 282566), 73, 3768, 249401),
    "a jump of curvature beside the point": Drawn((2948, 42353, 94778), 679, 3640, 784958),
}
"""Networks whose rounding was once reported as a fault."""


@pytest.mark.parametrize("name", PINNED)
def test_rounding_is_not_reported_as_a_fault(name: str) -> None:
    network, x, y = PINNED[name].build()
    report = check_gradients(network, x, y)
    assert report.passed, report.describe()
    report = verify_with_torch(network, x, y, device="cpu", dtype=network.dtype.name)
    assert report.passed, report.describe()
