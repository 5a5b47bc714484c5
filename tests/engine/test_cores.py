"""The cores of this process: fewer than the machine's where a container or the user limits them."""

import os
from pathlib import Path

import pytest

from engine import cores
from engine.cores import usable_cores
from engine.errors import NntermError


@pytest.fixture(autouse=True)
def _eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NNTERM_THREADS", raising=False)
    monkeypatch.setattr(cores, "_affinity", lambda: 8)


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return root


V2 = {"proc/self/cgroup": "0::/a/b"}
V1 = {"proc/self/cgroup": "4:memory:/m\n3:cpu,cpuacct:/docker/x\n0::/"}
BASE = "sys/fs/cgroup"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, 8),
        (V2, 8),
        (V2 | {f"{BASE}/a/b/cpu.max": "max 100000"}, 8),
        (V2 | {f"{BASE}/a/b/cpu.max": "250000 100000"}, 2),
        (V2 | {f"{BASE}/a/b/cpu.max": "max 100000", f"{BASE}/a/cpu.max": "300000 100000"}, 3),
        (V2 | {f"{BASE}/a/b/cpu.max": "50000 100000"}, 1),  # half a core
        (V2 | {f"{BASE}/a/b/cpu.max": "1600000 100000"}, 8),
        ({"proc/self/cgroup": "0::/../../x"} | {f"{BASE}/cpu.max": "200000 100000"}, 2),
        (V2 | {f"{BASE}/a/b/cpu.max": "garbage"}, 8),
        (
            V1
            | {
                f"{BASE}/cpu/docker/x/cpu.cfs_quota_us": "400000",
                f"{BASE}/cpu/docker/x/cpu.cfs_period_us": "100000",
            },
            4,
        ),
        (
            V1
            | {f"{BASE}/cpu/docker/cpu.cfs_quota_us": "-1", f"{BASE}/cpu/docker/cpu.cfs_period_us": "100000"},
            8,
        ),
    ],
)
def test_the_quota_of_a_container_counts(tmp_path: Path, files: dict[str, str], expected: int) -> None:
    assert usable_cores(tree(tmp_path, files)) == expected


@pytest.mark.parametrize(("text", "expected"), [("3", 3), ("64", 8), ("", 8), (" 2 ", 2)])
def test_the_user_may_limit_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, expected: int
) -> None:
    monkeypatch.setenv("NNTERM_THREADS", text)
    assert usable_cores(tmp_path) == expected


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "9" * 400, "²", "1_0"])
def test_a_wrong_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("NNTERM_THREADS", text)
    with pytest.raises(
        NntermError, match=r"NNTERM_THREADS = .* is not a whole number of at least 1"
    ) as error:
        usable_cores(tmp_path)
    assert "NNTERM_THREADS=2" in error.value.hint


def test_the_affinity_of_the_process_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.delenv("NNTERM_THREADS", raising=False)
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)
