"""Schedules: 100 steps compared with torch.optim.lr_scheduler, the closed form of the warm-up, and edge cases."""

import itertools
import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.optim.schedule import Schedule, ScheduleProgress, ScheduleState
from engine.optim.schedules import (
    SCHEDULES,
    ConstantSchedule,
    Cosine,
    Exponential,
    InverseTime,
    OneCycle,
    Plateau,
    StepSchedule,
)
from tests.engine.oracles import AGREES, relative_error, torch

STEPS = 100
LR = 0.3


def torch_rates(make: Any, n: int) -> list[float]:
    """Return the learning rates of a torch scheduler for n steps (or epochs)."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=LR)
    scheduler = make(optimizer)
    rates = []
    for _ in range(n):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def our_rates(schedule: Schedule, n: int, total: int | None = None, steps_per_epoch: int = 1) -> list[float]:
    progress = (ScheduleProgress(step, total or n, steps_per_epoch) for step in range(n))
    return [LR * schedule.factor(p, ScheduleState()) for p in progress]


def test_the_registry_holds_exactly_the_documented_names() -> None:
    assert list(SCHEDULES) == [
        "constant",
        "step",
        "exponential",
        "inverse_time",
        "cosine",
        "one_cycle",
        "plateau",
    ]


@pytest.mark.parametrize("every", [1, 3, 10, 30])
def test_step_matches_torch_epoch_by_epoch(every: int) -> None:
    truth = torch_rates(lambda o: torch.optim.lr_scheduler.StepLR(o, every, gamma=0.7), STEPS)
    assert relative_error(our_rates(StepSchedule(every=every, gamma=0.7), STEPS), truth) <= AGREES


@pytest.mark.parametrize("gamma", [0.5, 0.95, 1.0])
def test_exponential_matches_torch_epoch_by_epoch(gamma: float) -> None:
    truth = torch_rates(lambda o: torch.optim.lr_scheduler.ExponentialLR(o, gamma), STEPS)
    assert relative_error(our_rates(Exponential(gamma=gamma), STEPS), truth) <= AGREES


def test_inverse_time_is_the_decay_of_keras() -> None:
    """lr = lr0 / (1 + decay · iterations): 0.3, 0.2, 0.15, 0.12, 0.1 for a decay of 1/2."""
    rates = our_rates(InverseTime(decay=0.5), 5, total=5, steps_per_epoch=2)
    assert rates == pytest.approx([0.3, 0.2, 0.15, 0.12, 0.1], rel=1e-14)
    assert our_rates(InverseTime(decay=0.0), 3) == [LR] * 3


@pytest.mark.parametrize("schedule", [StepSchedule(every=2, gamma=0.5), Exponential(gamma=0.5)])
def test_step_and_exponential_are_constant_within_an_epoch(schedule: Schedule) -> None:
    per_step = our_rates(schedule, 60, steps_per_epoch=6)
    per_epoch = our_rates(schedule, 10)
    assert per_step == [rate for rate in per_epoch for _ in range(6)]


@pytest.mark.parametrize("final", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("total", [1, 2, 7, STEPS])
def test_cosine_matches_torch(final: float, total: int) -> None:
    truth = torch_rates(
        lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, total, eta_min=final * LR), total
    )
    # torch computes each step from the previous one, so that near 0 only the absolute error is small
    assert relative_error(our_rates(Cosine(final=final), total), truth, floor=1e-4 * LR) <= AGREES
    assert our_rates(Cosine(final=final), total + 1, total)[-1] == pytest.approx(final * LR, abs=1e-16)


@given(total=st.integers(10, 200), rise=st.floats(0.15, 0.9), start=st.floats(1, 100), end=st.floats(1, 1e5))
def test_one_cycle_matches_torch(total: int, rise: float, start: float, end: float) -> None:
    truth = torch_rates(
        lambda o: torch.optim.lr_scheduler.OneCycleLR(
            o, LR, total, pct_start=rise, div_factor=start, final_div_factor=end, cycle_momentum=False
        ),
        total - 1,  # torch raises an error beyond the last step
    )
    ours = our_rates(OneCycle(rise=rise, start=start, end=end), total)
    assert relative_error(ours[:-1], truth) <= AGREES
    assert ours[-1] == pytest.approx(LR / start / end, rel=1e-9)


def test_one_cycle_with_its_defaults_matches_torch() -> None:
    truth = torch_rates(lambda o: torch.optim.lr_scheduler.OneCycleLR(o, LR, STEPS), STEPS - 1)
    assert relative_error(our_rates(OneCycle(), STEPS)[:-1], truth) <= AGREES


@pytest.mark.parametrize("total", [1, 2, 3, 5])
@pytest.mark.parametrize("rise", [0.01, 0.3, 0.99])
def test_one_cycle_is_valid_in_very_short_trainings(total: int, rise: float) -> None:
    factors = [
        OneCycle(rise=rise).factor(ScheduleProgress(s, total, 1), ScheduleState()) for s in range(total + 2)
    ]
    assert all(0 < factor <= 1 for factor in factors)


@given(
    losses=st.lists(st.floats(0.01, 10), min_size=STEPS, max_size=STEPS),
    patience=st.integers(0, 12),
    threshold=st.sampled_from([0.0, 1e-4, 0.1]),
)
def test_plateau_matches_torch(losses: list[float], patience: int, threshold: float) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=LR)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.9, patience=patience, threshold=threshold, eps=0
    )
    ours, state = Plateau(gamma=0.9, patience=patience, threshold=threshold), ScheduleState()
    for loss in losses:
        theirs.step(loss)
        state = ours.after_epoch(loss, state)
        factor = ours.factor(ScheduleProgress(0, 1, 1), state)
        assert relative_error(LR * factor, optimizer.param_groups[0]["lr"]) <= AGREES


def test_plateau_by_hand() -> None:
    plateau, state, factors = Plateau(gamma=0.5, patience=1, threshold=0.1), ScheduleState(), []
    for loss in (1.0, 0.95, 0.95, 0.85, math.nan, math.nan):
        state = plateau.after_epoch(loss, state)
        factors.append(plateau.factor(ScheduleProgress(0, 1, 1), state))
    assert factors == [1, 1, 0.5, 0.5, 0.5, 0.25]


def test_the_state_survives_a_checkpoint_in_json() -> None:
    for state in (ScheduleState(), Plateau().after_epoch(0.3, ScheduleState())):
        assert msgspec.json.decode(msgspec.json.encode(state), type=ScheduleState) == state


def test_other_schedules_do_not_depend_on_the_loss() -> None:
    state = ScheduleState(0.5, 1.0, 3)
    for name in set(SCHEDULES) - {"plateau"}:
        assert SCHEDULES[name]().after_epoch(9.0, state) is state


@pytest.mark.parametrize("name", sorted(SCHEDULES))
@pytest.mark.parametrize("warmup", [1, 7, 40])
def test_warmup_rises_linearly_and_then_the_schedule_starts(name: str, warmup: int) -> None:
    rates = our_rates(SCHEDULES[name](warmup=warmup), STEPS)
    np.testing.assert_allclose(rates[:warmup], [LR * (i + 1) / warmup for i in range(warmup)], rtol=1e-14)
    assert rates[warmup:] == our_rates(SCHEDULES[name](), STEPS - warmup)


@pytest.mark.parametrize("warmup", [2, 7, 40])
def test_warmup_matches_torchs_linear_lr(warmup: int) -> None:
    truth = torch_rates(
        lambda o: torch.optim.lr_scheduler.LinearLR(o, start_factor=1 / warmup, total_iters=warmup - 1), STEPS
    )
    assert relative_error(our_rates(ConstantSchedule(warmup=warmup), STEPS), truth) <= AGREES


@pytest.mark.parametrize("name", sorted(SCHEDULES))
@given(
    warmup=st.integers(0, 300),
    total=st.integers(1, 200),
    steps_per_epoch=st.integers(1, 50),
    step=st.integers(0, 400),
)
def test_factors_stay_between_0_and_1_for_any_lengths(
    name: str, warmup: int, total: int, steps_per_epoch: int, step: int
) -> None:
    schedule = SCHEDULES[name](warmup=warmup)
    assert 0 <= schedule.factor(ScheduleProgress(step, total, steps_per_epoch), ScheduleState()) <= 1


def test_cosine_falls_and_one_cycle_rises_then_falls() -> None:
    cosine = our_rates(Cosine(), STEPS)
    assert all(later < earlier for earlier, later in itertools.pairwise(cosine))
    cycle = our_rates(OneCycle(), STEPS)
    top = cycle.index(max(cycle))
    assert cycle[:top] == sorted(cycle[:top])
    assert cycle[top:] == sorted(cycle[top:], reverse=True)
    assert 0.25 * STEPS < top < 0.35 * STEPS


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("step", {"every": 0}),
        ("step", {"gamma": 0.0}),
        ("exponential", {"gamma": 1.5}),
        ("cosine", {"final": -0.1}),
        ("cosine", {"final": 1.1}),
        ("one_cycle", {"rise": 1.0}),
        ("one_cycle", {"start": 0.5}),
        ("plateau", {"threshold": 1.0}),
        ("plateau", {"patience": -1}),
        ("constant", {"warmup": -1}),
        ("constant", {"gamma": 0.5}),
    ],
)
def test_invalid_options_are_refused(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        SCHEDULES[name].from_options(options)


def test_an_epoch_too_late_is_caught() -> None:
    truth = torch_rates(lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.9), STEPS)
    late = [LR, *our_rates(Exponential(gamma=0.9), STEPS)[:-1]]
    assert relative_error(late, truth) > 0.1
