"""What all tests share: a cache of their own for decoded data, a home out of the user's reach, hypothesis held still."""

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("nnterm", deadline=None, derandomize=True, database=None, max_examples=20)
settings.load_profile("nnterm")
gc.set_threshold(
    50_000, 20, 50
)  # hundreds of apps are made of small objects: looking often costs a tenth of the suite


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return half as many workers again as cores: apps and processes under test wait for much of their time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + cores // 2


@pytest.fixture(scope="session", autouse=True)
def _apart_from_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep runs and decoded data in folders that are thrown away; MNIST is decoded once a session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NNTERM_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("NNTERM_CACHE", str(tmp_path_factory.mktemp("cache")))
        for size in (
            "COLUMNS",
            "LINES",
        ):  # set by readline in workers: terminals here have sizes of their own
            patch.delenv(size, raising=False)
        patch.delenv(
            "PYTHONDONTWRITEBYTECODE", raising=False
        )  # or each of hundreds of children compiles it all
        yield
