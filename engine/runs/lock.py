"""One writer a run: the lock on its folder."""

from contextlib import AbstractContextManager

from engine.errors import RunError
from engine.files import reason_of
from engine.runs.folder import LOCK_NAME, Run
from engine.runs.status import read_status


def lock(run: Run) -> AbstractContextManager[object]:
    """Return the run's lock, taken, for a `with`; it is also let go when the process ends, however that comes.

    Raises:
        RunError: there is no such folder, another worker is at it, or it cannot be written.
    """
    import filelock

    if not run.path.is_dir():
        raise RunError(f"there is no run in {run.path}")
    held = filelock.FileLock(run.path / LOCK_NAME, timeout=0)
    try:
        return held.acquire()
    except filelock.Timeout:
        raise RunError(f"{run.name} is in use {_owner(run)}", "a run has one worker at a time") from None
    except (OSError, NotImplementedError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "the file system has no locks"
        raise RunError(f"cannot lock {run.path}: {reason}", "choose another home (--home DIR)") from None


def _owner(run: Run) -> str:
    try:
        status = read_status(run.path)
    except RunError:
        return "by another worker"
    return f"by process {status.pid} on {status.host or 'an unknown host'}"
