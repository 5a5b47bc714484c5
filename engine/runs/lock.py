"""The lock on a run's folder, which admits one writer."""

import contextlib
import errno
import os
from contextlib import AbstractContextManager

from engine.errors import RunError
from engine.files.atomic import reason_of
from engine.files.regular import open_regular
from engine.runs.folder import LOCK_NAME, Run
from engine.runs.status import read_status, true_status

NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP})
"""Error codes of a file system without locks, such as NFS without its lock daemon."""


def lock(run: Run) -> AbstractContextManager[object]:
    """Acquire the run's lock and return it for a `with` block; the end of the process releases it too.

    On a file system without locks nothing is acquired: only the heartbeat of a worker keeps a second one away.

    Raises:
        RunError: there is no such folder, another worker has the lock, or the folder cannot be written.
    """
    import filelock

    if not run.path.is_dir():
        raise RunError(f"there is no run in {run.path}")
    try:
        if not _has_locks(run):
            _refuse_beside_another(run)
            return contextlib.nullcontext()
        return filelock.FileLock(run.path / LOCK_NAME, timeout=0).acquire()
    except filelock.Timeout:
        raise _in_use(run) from None
    except OSError as error:
        message = f"cannot lock {run.path}: {reason_of(error)}"
        raise RunError(message, "choose another home (--home DIR)") from None


def _has_locks(run: Run) -> bool:
    """Return True if the folder's file system supports locks; OSError if the lock file cannot be created."""
    import fcntl

    descriptor = open_regular(run.path / LOCK_NAME, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in NO_LOCKS
    finally:
        os.close(descriptor)
    return True


def _refuse_beside_another(run: Run) -> None:
    """Raise a RunError if the status belongs to a running worker other than this process."""
    try:
        status = true_status(run.path)
    except RunError:
        return
    if not status.is_over and status.pid not in (0, os.getpid()):
        raise _in_use(run)


def _in_use(run: Run) -> RunError:
    return RunError(f"{run.name} is in use {_owner(run)}", "a run has one worker at a time")


def _owner(run: Run) -> str:
    try:
        status = read_status(run.path)
    except RunError:
        return "by another worker"
    return f"by process {status.pid} on {status.host or 'an unknown host'}"
