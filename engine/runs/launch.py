"""Starts a run's worker: a process of its own, which outlives the terminal, the app and the SSH connection."""

import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import RunError
from engine.runs.device_check import check_device
from engine.runs.folder import LOG_NAME, Run
from engine.storage.files import reason_of
from engine.torch.library import INSTALL

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment

THREAD_VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
"""Read by the matrix libraries when they load; one thread, so that runs are fast at these sizes and repeatable."""

LOOPBACK = "lo0" if sys.platform == "darwin" else "lo"
"""The network interface by which processes on one machine exchange gradients."""


def launch(
    experiment: "Experiment",
    home: str | Path | None = None,
    name: str | None = None,
    *,
    measure: bool = False,
) -> Run:
    """Make a run and start its worker; return at once.

    Args:
        measure: whether the worker measures the layers and asks the doctor while it trains.

    Raises:
        DeviceError: the device that is asked for by name is not here, or PyTorch is not installed.
        ExperimentError: the experiment is wrong, or its data are not there.
        RunError: the name is impossible, the home cannot be written, or no process can be started.
    """
    check_device(experiment.training)
    run = Run.create(experiment, home, name, measure=measure)
    try:
        start_worker(run)
    except RunError:
        shutil.rmtree(run.path, ignore_errors=True)
        raise
    except OSError as error:
        shutil.rmtree(run.path, ignore_errors=True)
        raise RunError(f"cannot start a worker for {run.name}: {reason_of(error)}") from None
    return run


def start_worker(run: Run) -> int:
    """Start a worker in a session of its own and return its pid; OSError where that fails.

    No terminal is left to it: closing one, or Ctrl-C in it, does not reach the worker. Where several processes share
    each batch, torchrun starts them and its pid is returned.

    Raises:
        RunError: PyTorch is to start processes and is not installed, or the experiment cannot be read.
    """
    environment = {"GLOO_SOCKET_IFNAME": LOOPBACK} | os.environ | dict.fromkeys(THREAD_VARIABLES, "1")
    command = [sys.executable, *_launcher(run.experiment().training.processes)]
    with (run.path / LOG_NAME).open("ab") as output:
        process = subprocess.Popen(
            [*command, "-m", "engine.runs.worker", str(run.path)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd="/",
            env=environment,
        )
    # Collects the exit code, so that no zombie is left while this process lives.
    threading.Thread(target=process.wait, name=f"worker of {run.name}", daemon=True).start()
    return process.pid


def _launcher(processes: int) -> list[str]:
    """What comes before the worker on its command line: torchrun, where there are several processes.

    Raises:
        RunError: PyTorch is not installed.
    """
    if processes == 1:
        return []
    if importlib.util.find_spec("torch") is None:
        raise RunError(f"training.processes = {processes}: PyTorch is not installed", INSTALL)
    return ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
