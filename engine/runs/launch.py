"""The start of a run's worker: a separate process, which outlives the terminal, the app and the SSH connection."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import RunError
from engine.files.atomic import reason_of
from engine.files.regular import appending
from engine.runs.device_check import check_device
from engine.runs.folder import LOG_NAME, Run
from engine.torch.support import check_counterparts

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment

THREAD_VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
"""Environment variables that matrix libraries read when they load; set to one thread, see `engine.blas`."""

LOOPBACK = "lo0" if sys.platform == "darwin" else "lo"
"""Network interface over which processes on one machine exchange gradients."""


def launch(
    experiment: "Experiment",
    home: str | Path | None = None,
    name: str | None = None,
    *,
    measure: bool = False,
    pace: float | None = None,
) -> Run:
    """Create a run and start its worker; return at once.

    Args:
        name: as for `Run.create`.
        measure: True if the worker is to measure the layers and run the doctor.
        pace: steps per second from the first step on; None: full speed.

    Raises:
        DeviceError: the requested device is not available, or PyTorch is not installed.
        ExperimentError: the experiment is invalid, or its data are missing.
        RunError: the name is invalid, the home cannot be written, or no process can be started.
    """
    check_device(experiment.training)
    check_counterparts(experiment)
    run = Run.create(experiment, home, name, measure=measure)
    try:
        if pace is not None:
            run.command("pace", value=pace)  # before the worker reads its first commands
        start_worker(run)
    except RunError:
        shutil.rmtree(run.path, ignore_errors=True)
        raise
    except OSError as error:
        shutil.rmtree(run.path, ignore_errors=True)
        raise RunError(f"cannot start a worker for {run.name}: {reason_of(error)}") from None
    return run


def start_worker(run: Run) -> int:
    """Start a worker in a session of its own and return its pid.

    It has no terminal, so that closing one, or Ctrl-C, does not reach it. If several processes share each batch,
    torchrun starts them, and its pid is returned.

    Raises:
        OSError: the process cannot be started.
        RunError: the experiment cannot be read.
    """
    environment = {"GLOO_SOCKET_IFNAME": LOOPBACK} | os.environ | dict.fromkeys(THREAD_VARIABLES, "1")
    command = [sys.executable, *_launcher(run.experiment().training.processes)]
    with appending(run.path / LOG_NAME) as output:
        process = subprocess.Popen(
            [*command, "-m", "engine.runs.worker", str(run.path)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd="/",
            env=environment,
        )
    # collects the exit code, so that the worker does not become a zombie
    threading.Thread(target=process.wait, name=f"worker of {run.name}", daemon=True).start()
    return process.pid


def _launcher(processes: int) -> list[str]:
    """Return the arguments before the worker on its command line: torchrun if there are several processes."""
    if processes == 1:
        return []
    return ["-m", "engine.torch.parallel.launcher", f"--nproc-per-node={processes}"]
