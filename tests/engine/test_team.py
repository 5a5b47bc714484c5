"""A team makes each part once and all of them, whatever its threads do, with the bits that its size decides."""

import threading
import warnings
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from engine.arrays import Array
from engine.team import PART_EDGE, Team


def arrays(m: int, k: int, n: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(0)
    return rng.standard_normal((m, k)).astype(np.float32), rng.standard_normal((k, n)).astype(np.float32)


def helpers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "nnterm team"]


def test_tasks_are_made_at_the_same_time_while_the_team_is_at_work() -> None:
    team, meeting = Team(2, cores=2), threading.Barrier(2, timeout=60)
    with team.at_work():
        for _ in range(3):
            team.make([meeting.wait, meeting.wait])  # one alone would wait for ever
    assert helpers() == []


@pytest.mark.parametrize("cores", [1, 3])
def test_each_task_is_made_once(cores: int) -> None:
    made: list[int] = []
    team = Team(5, cores)
    with team.at_work():
        assert len(helpers()) == cores - 1
        for _ in range(20):
            made.clear()
            team.make([partial(made.append, number) for number in range(5)])
            assert sorted(made) == [0, 1, 2, 3, 4]
    team.make([partial(made.append, 5)])  # later, the calling thread works alone
    assert made[-1] == 5


def test_an_error_reaches_the_caller_after_all_tasks() -> None:
    made: list[str] = []

    def fail() -> None:
        raise MemoryError("too large")

    team = Team(2, cores=2)
    with team.at_work():
        with pytest.raises(MemoryError, match="too large"):
            team.make([fail, partial(made.append, "a"), fail, partial(made.append, "b")])
        assert sorted(made) == ["a", "b"]
        team.make([partial(made.append, "c")])
    assert made[-1] == "c"


def test_the_helpers_handle_overflow_as_the_caller_does() -> None:
    big, meeting = np.full(8, 1e38, np.float32), threading.Barrier(2, timeout=60)

    def overflow() -> None:
        meeting.wait()  # each of two threads has one
        np.multiply(big, big)

    team = Team(2, cores=2)
    with team.at_work(), warnings.catch_warnings():
        warnings.simplefilter("error")
        with np.errstate(over="ignore"):
            team.make([overflow, overflow])
        with np.errstate(over="raise"), pytest.raises(FloatingPointError):
            team.make([overflow, overflow])


@pytest.mark.parametrize(("n", "size"), [(2048, 2), (2049, 4), (100, 8), (64, 2), (1, 3)])
def test_the_parts_cover_everything_once(n: int, size: int) -> None:
    parts = Team(size, cores=1).parts(n, of=1_000_000)
    assert (parts[0].start, parts[-1].stop) == (0, n)
    assert all(before.stop == after.start for before, after in pairwise(parts))
    assert all(part.start % PART_EDGE == 0 for part in parts)
    assert len(parts) <= size


@pytest.mark.parametrize("shape", [(300, 200, 70), (70, 200, 300), (3, 4, 5)])
def test_a_product_has_the_same_bits_with_any_number_of_cores(shape: tuple[int, int, int]) -> None:
    a, b = arrays(*shape)
    results = []
    for cores in (1, 2, 3):
        team, out = Team(3, cores), np.full((len(a), b.shape[1]), np.nan, np.float32)
        with team.at_work():
            team.multiply(a, b, out)
        results.append(out)
    np.testing.assert_allclose(results[0], a.astype(np.float64) @ b, rtol=1e-4, atol=1e-4)
    assert len({out.tobytes() for out in results}) == 1


def test_only_large_products_are_shared() -> None:
    team = Team(2, cores=1)
    for m, k, n, tasks in ((64, 784, 10, 1), (512, 784, 512, 2)):
        a, b = arrays(m, k, n)
        assert len(team.products(a, b, np.empty((m, n), np.float32))) == tasks
