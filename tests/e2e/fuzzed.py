"""A process that damages runs and uses each in every way: `python -m tests.e2e.fuzzed BASES SEED:NUMBER ...`.

Without numbers it reads them from stdin, one a line, and answers each with a line of JSON: what was done to the run, and
every fault that a command showed. Memory is bounded, and a command that hangs is one of the faults.
"""

import contextlib
import faulthandler
import hashlib
import io
import json
import random
import resource
import shutil
import signal
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.experiment.experiment import Experiment
from engine.runs import Run, digest_file, fork, launch, worker
from engine.runs.folder import LOG_NAME
from engine.runs.notes import write_notes
from tests.e2e.mutations import Place, damage
from tui.cli.main import main

HANG_S = 60
"""Seconds after which a command hangs: far above what any takes."""
ADDRESSES = 6 << 30
"""Bytes of address space that the process may take: a demand for more is an error."""
RESIDENT_KB = 700_000
"""Memory, kB, that no command may take for runs of some kB."""
POLLS = 60
"""Times that a worker asks whether it is to end, after which it is: damage may let it train for ever."""
NAME = "x"
READING: tuple[tuple[str, ...], ...] = (
    ("runs",),
    ("runs", "--json"),
    ("show", NAME),
    ("show", NAME, "--json"),
    ("evaluate", NAME),
    ("evaluate", NAME, "--json"),
    ("diagnose", "--run", NAME),
    ("diagnose", "--run", NAME, "--json"),
    ("compare", NAME, "line"),
    ("compare", "done", NAME, "--json"),
    ("inspect", NAME, "--json"),
    ("inspect", NAME, "--all", "--no-baseline"),
    ("check", "--run", NAME, "--no-torch", "--samples", "4"),
    ("check", "--run", NAME, "--explain", "--at-step", "3", "--json"),
    ("tag", NAME, "good"),
    ("fork", NAME, "--detach", "--json"),
    ("resume", NAME, "--detach", "--set", "training.epochs=6"),
    ("replay", NAME, "--json"),
    ("attach", NAME, "--plain"),
)
LAST: tuple[tuple[str, ...], ...] = (
    ("rename", NAME, "moved"),
    ("rm", "--yes", "moved"),
    ("rm", "--empty-trash", "--yes"),
)


class HangError(BaseException):
    """A command did not come to its end."""


class Ending:
    """Stands for the signal handlers of a worker: it is to end after some polls."""

    def __init__(self, polls: int = POLLS) -> None:
        self._left = polls

    @property
    def is_requested(self) -> bool:
        self._left -= 1
        return self._left < 0


class HereProcess:
    """Stands for `subprocess.Popen`: a worker that trains in this process, and has ended when it has started."""

    pid = 0

    def __init__(self, command: Sequence[str], **_: Any) -> None:
        worker.main([command[-1]])

    def wait(self) -> int:
        return 0


def stay_here() -> None:
    """Let workers train in this process."""
    launch.subprocess = type("Here", (), {"Popen": HereProcess, "DEVNULL": -3})  # type: ignore[attr-defined]
    worker.Termination = Ending  # type: ignore[misc, assignment]
    digest_file.LONG_LOG = 1000  # so that short runs have a digest too


def make_bases(folder: Path) -> None:
    """Train the runs that are to be damaged: finished, stopped, forked, of a regression, and of a file of the user."""
    stay_here()
    own = folder / "outside" / "own.npz"
    own.parent.mkdir()
    (own.parent / "folder").mkdir()
    (own.parent / "folder" / "step-00000002.safetensors").write_text("precious")
    (own.parent / "folder" / ".mine.tmp").write_text("mine")
    (own.parent / "victim").write_bytes(b"first line\nlast line, without an end")
    rng = np.random.default_rng(0)
    np.savez(own, x=rng.normal(size=(60, 3)).astype(np.float32), y=np.arange(60) % 3)
    home = folder / "home"
    options: dict[str, Any] = {"epochs": 4, "batch_size": 20, "lr": 0.05}
    small = ["data.samples=80", "checkpoints.every=1"]
    for name, dataset, polls in (("done", "moons", 10**6), ("halted", "moons", 7), ("line", "sine", 10**6)):
        run = Run.create(
            Experiment.quick(dataset, [4], overrides=small, **options), home, name=name, measure=True
        )
        worker.work(run, Ending(polls))  # type: ignore[arg-type]
    run = Run.create(Experiment.quick(str(own), [4], **options), home, name="mine")
    worker.work(run, Ending(10**6))  # type: ignore[arg-type]
    done = Run.open("done", home)
    fork(done, 2, {"training.optimizer.lr": 0.01}, name="forked")
    write_notes(done, ["good"], "a note")
    with contextlib.redirect_stdout(io.StringIO()):
        main(["inspect", "done", "--home", str(home)])
        main(["check", "--run", "done", "--no-torch", "--home", str(home)])
    for path in (home / "runs").iterdir():
        (path / LOG_NAME).touch()


def digest(folder: Path) -> dict[str, Any]:
    """Return what stands in a folder, as far as a write changes it."""
    found: dict[str, Any] = {}
    for path in folder.rglob("*"):
        state, content = path.lstat(), b""
        if path.is_file() and not path.is_symlink():
            content = hashlib.sha256(path.read_bytes()).digest()
        found[str(path)] = (state.st_mode, state.st_mtime_ns if content else 0, content)
    return found


class Bench:
    """Damages copies of the bases, and runs commands on them."""

    def __init__(self, bases: Path) -> None:
        self._bases = bases
        stay_here()
        signal.signal(signal.SIGALRM, self._hangs)
        warnings.simplefilter("always")

    @staticmethod
    def _hangs(*_: object) -> None:
        raise HangError

    def try_out(self, seed: int, number: int, thorough: bool) -> dict[str, Any]:
        """Damage one run and use it; return what was done, and the faults that showed."""
        rng = random.Random(f"{seed}:{number}")
        folder = Path(tempfile.mkdtemp(prefix="nnterm-fuzz-"))
        try:
            shutil.copytree(self._bases, folder, dirs_exist_ok=True)
            runs = folder / "home" / "runs"
            base = rng.choice(("done", "done", "halted", "line", "mine", "forked"))
            shutil.copytree(runs / base, runs / NAME)
            others = [runs / name for name in ("done", "line", "mine", "halted")]
            kinds = damage(Place(rng, runs / NAME, others, folder / "outside"), number)
            reading = READING if thorough else rng.sample(READING, 4)
            faults = list(self._use(folder, [*reading, *LAST]))
            return {"mutant": f"{seed}:{number}", "base": base, "kinds": kinds, "faults": faults}
        finally:
            for path in folder.rglob("*"):
                if path.is_dir() and not path.is_symlink():
                    path.chmod(0o700)  # rglob has not looked into it yet
            shutil.rmtree(folder, ignore_errors=True)

    def _use(self, folder: Path, commands: Sequence[Sequence[str]]) -> Iterator[str]:
        neighbours = [folder / "outside", *(folder / "home" / "runs" / n for n in ("done", "line", "mine"))]
        before = [digest(place) for place in neighbours]
        for command in commands:
            words = " ".join(command)
            yield from (f"{words}: {fault}" for fault in self._faults(command, folder / "home"))
            for place, was in zip(neighbours, before, strict=True):
                if command[0] == "tag":
                    continue
                now = digest(place)
                if now != was:
                    changed = {path for path in was.keys() | now.keys() if was.get(path) != now.get(path)}
                    yield f"{words}: changes outside of the run: {sorted(changed)}"
                    return

    def _faults(self, command: Sequence[str], home: Path) -> Iterator[str]:
        """Yield what is wrong with the answer to a command."""
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
        signal.alarm(HANG_S)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main([*command, "--home", str(home)])
        except HangError:
            yield f"hangs: {_where()}"
            return
        except BaseException as error:
            yield f"{type(error).__name__}: {error}; {_where()}"
            return
        finally:
            signal.alarm(0)
        said, complaints = (_text(stream) for stream in (out, err))
        if code not in (0, 1, 2):
            yield f"exit code {code}"
        for text in (said, complaints):
            for word in ("Traceback", "Warning:", "fault of nnterm"):
                if word in text:
                    yield f"{word} in {text[-2000:]!r}"
            odd = {c for c in text if c != "\n" and not (c.isprintable() or (c.isspace() and c >= " "))}
            if odd:
                yield f"control characters {odd}"
        yield from _not_json(said) if "--json" in command else ()
        yield from _worker_faults(home)
        peak = _peak_kb()
        if peak > RESIDENT_KB:
            yield f"takes {peak} kB of memory"


def _peak_kb() -> int:
    """Return the peak of this process's memory, kB.

    `ru_maxrss` may be that of the process which started it: a fork takes it over.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return int(status.partition("VmHWM:")[2].split()[0])
    except (OSError, IndexError, ValueError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak // (1024 if sys.platform == "darwin" else 1)


def _worker_faults(home: Path) -> Iterator[str]:
    """Yield the faults that workers have written into the status of a run."""
    for path in sorted((home / "runs").glob("*/status.json")):
        if path.is_symlink() or not path.is_file() or path.stat().st_size > 1 << 20:
            continue
        text = path.read_bytes()
        if b"this is a fault of nnterm" in text:
            yield f"the worker of {path.parent.name} failed: {text[-600:]!r}"
            path.write_bytes(text.replace(b"this is a fault of nnterm", b""))


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    content = stream.buffer.getvalue()  # type: ignore[attr-defined]
    return str(content.decode("utf-8", "surrogateescape"))


def _not_json(text: str) -> Iterator[str]:
    for line in text.splitlines():
        try:
            json.loads(line, parse_constant=lambda name: 1 / 0)
        except (ValueError, ZeroDivisionError):
            yield f"not a line of JSON: {line[:200]!r}"


def _where() -> str:
    """Return the innermost places of the exception that is being handled."""
    frames = traceback.extract_tb(sys.exc_info()[2])[-6:]
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))


def serve(bases: Path, mutants: Iterator[str]) -> None:
    """Try out each `SEED:NUMBER` or `SEED:NUMBER:thorough`, and answer it with a line of JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    bench = Bench(bases)
    for mutant in mutants:
        seed, number, *more = mutant.strip().split(":")
        faulthandler.dump_traceback_later(10 * HANG_S, exit=True)
        answer = bench.try_out(int(seed), int(number), bool(more))
        faulthandler.cancel_dump_traceback_later()
        sys.__stdout__.write(json.dumps(answer) + "\n")  # type: ignore[union-attr]
        sys.__stdout__.flush()  # type: ignore[union-attr]


if __name__ == "__main__":
    if sys.argv[2:3] == ["make"]:
        make_bases(Path(sys.argv[1]))
    else:
        serve(Path(sys.argv[1]), iter(sys.argv[2:] or sys.stdin))
