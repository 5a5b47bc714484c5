"""Workers forked from one process that has everything imported, for tests that start very many."""

import os
import subprocess
import sys
from types import TracebackType
from typing import Self

from engine.runs import Run
from engine.runs.launch import THREAD_VARIABLES

SERVER = """
import os, signal, sys
import filelock, psutil
import engine.data, engine.runs.setup, engine.runs.session, engine.runs.resume_point
from engine.runs import worker

os.chdir("/")
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    if os.fork() == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        log = os.open(f"{line.strip()}/worker.log", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(log, stream)
        os._exit(worker.main([line.strip()]))
"""


class WorkerServer:
    """Starts workers in 10 ms instead of 300 ms; each is a process and a session of its own, as a launched one is.

    A context manager; the workers outlive it.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            stdin=subprocess.PIPE,
            text=True,
            env=os.environ | dict.fromkeys(THREAD_VARIABLES, "1"),
        )

    def start_worker(self, run: Run) -> None:
        """Start a worker for `run`; stands for `engine.runs.launch.start_worker`."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{run.path}\n")
        self._process.stdin.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()
