"""Run folders damaged at random: every command answers with an exit code, in words, and changes nothing elsewhere.

`make test` tries 30 folders, the same ones each time, each with some of the commands; `make test-all` tries 300 with all
commands, by a seed that is printed. `python -m tests.e2e.fuzzed BASES make`, then `python -m tests.e2e.fuzzed BASES
SEED:NUMBER:thorough`, repeats one of them.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from engine.runs.launch import THREAD_VARIABLES

FEW, MANY = 30, 300
SEED = 17
"""Of the folders in `make test`."""
PROCESSES = 2
ROOT = Path(__file__).parents[2]


def fuzzed(bases: Path, *arguments: str) -> list[dict[str, Any]]:
    """Run the process that damages folders, and return its answers."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.fuzzed", str(bases), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | dict.fromkeys(THREAD_VARIABLES, "1"),
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"it ended after {answers[-1:]}: {done.stderr[-3000:]}"
    return answers


def tried(bases: Path, seed: int, numbers: Sequence[int], ending: str) -> list[dict[str, Any]]:
    """Try folders, shared by some processes, and return their answers."""

    def try_some(part: int) -> list[dict[str, Any]]:
        return fuzzed(bases, *(f"{seed}:{number}{ending}" for number in numbers[part::PROCESSES]))

    with ThreadPoolExecutor(PROCESSES) as pool:
        return [answer for answers in pool.map(try_some, range(PROCESSES)) for answer in answers]


def test_damaged_folders_do_no_harm(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    every = pytestconfig.getoption("all_networks")
    seed = pytestconfig.getoption("networks_seed") if every else SEED
    fuzzed(tmp_path, "make")
    answers = tried(tmp_path, seed, range(MANY if every else FEW), ":thorough" if every else "")
    assert len(answers) == (MANY if every else FEW)
    assert [answer for answer in answers if answer["faults"]] == []
