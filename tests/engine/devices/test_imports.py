"""The diagnosis is pure: it imports neither torch nor NVML nor NumPy."""

import subprocess
import sys

import pytest

from tests.waiting import PATIENCE_S


@pytest.mark.parametrize(
    "module", ["engine.devices", "engine.devices.survey", "tui.train.gpu_meter", "tui.devices.screen"]
)
def test_nothing_heavy_is_loaded(module: str) -> None:
    program = f"import sys, {module}; print([n for n in ('torch', 'pynvml', 'numpy') if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=PATIENCE_S
    )
    assert done.stdout.strip() == "[]"
