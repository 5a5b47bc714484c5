"""Shared by all tests: a cache for decoded data, a home apart from the user's, hypothesis with a fixed seed."""

import gc
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("nnterm", deadline=None, derandomize=True, database=None, max_examples=20)
settings.load_profile("nnterm")
gc.set_threshold(
    50_000, 20, 50
)  # hundreds of apps are made of small objects: looking often costs a tenth of the suite


STARTERS = (
    "subprocess",
    "forkserver",
    "run_test(",
    "Terminal(",
    "Nnterm",
    "launch(",
    "stage: Any",
    "Workshop",
)
"""Words of modules whose tests start processes, apps or whole workers."""

MEMORY = Path("/dev/shm")
ROOM = 4 << 30
"""Bytes that must be free in MEMORY for the folders of all tests; they take a tenth of it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of `make test-all` and `make test-fast`."""
    group = parser.getgroup("nnterm")
    group.addoption("--units", action="store_true", help="leave out what starts processes or apps")
    group.addoption(
        "--all",
        "--all-networks",
        dest="all_networks",
        action="store_true",
        help="draw all random networks and all damaged folders, with a fresh seed",
    )
    group.addoption("--networks-seed", type=int, default=time.time_ns() % 2**32, help="the seed for --all")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--units`, leave out the modules that start processes or apps."""
    if not config.getoption("units"):
        return
    slow = {path for path in {item.path for item in items} if starts_something(path)}
    config.hook.pytest_deselected(items=[item for item in items if item.path in slow])
    items[:] = [item for item in items if item.path not in slow]


def starts_something(path: Path) -> bool:
    """Return True if the text of a module holds a word that starts processes or apps."""
    text = path.read_text(encoding="utf-8")
    return any(word in text for word in STARTERS)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Print the seed, so that a failure can be repeated."""
    if not config.getoption("all_networks"):
        return None
    return f"random networks and folders: --all --networks-seed {config.getoption('networks_seed')}"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give every worker of xdist the same seed."""
    node.workerinput["networks_seed"] = node.config.getoption("networks_seed")


def pytest_configure(config: pytest.Config) -> None:
    """Take over the seed of the session that this process works for, and keep temporary files in memory."""
    if hasattr(config, "workerinput"):
        config.option.networks_seed = config.workerinput["networks_seed"]
    keep_temporary_files_in_memory()


def keep_temporary_files_in_memory() -> None:
    """Set the folder for temporary files of this process and its children, unless the user has chosen one.

    Thousands of tests write and delete small files and wait for the disk at each: on some machines for a third of
    their time.
    """
    if os.environ.keys() & {"PYTEST_DEBUG_TEMPROOT", "TMPDIR"} or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free < ROOM:
        return
    os.environ["PYTEST_DEBUG_TEMPROOT"] = os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None  # found anew


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return half as many workers again as cores: apps and processes under test wait for much of their time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + cores // 2


@pytest.fixture(scope="session", autouse=True)
def _apart_from_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep runs and decoded data in folders that are thrown away.

    The cache is shared by all workers of a session, which agree by its lock: MNIST is decoded once.
    """
    base = tmp_path_factory.getbasetemp()
    cache = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "nnterm-cache"
    cache.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NNTERM_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("NNTERM_CACHE", str(cache))
        patch.setenv("NNTERM_THREADS", "1")  # trainings with several threads ask for them
        patch.setenv("NNTERM_CONFIG", str(tmp_path_factory.mktemp("config") / "config.toml"))
        for size in (
            "COLUMNS",
            "LINES",
        ):  # set by readline in workers: terminals here have sizes of their own
            patch.delenv(size, raising=False)
        patch.delenv(
            "PYTHONDONTWRITEBYTECODE", raising=False
        )  # or each of hundreds of children compiles it all
        yield
