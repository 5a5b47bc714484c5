"""Bytes that the app sends to its terminal, and its answers to keys: `make terminal-bench`.

Starts the real app in a pseudo-terminal while a network trains, counts the bytes on each screen, and measures the time
from a key to its answer on an emulated screen. Figures depend on the machine and on what else runs on it, so no test
depends on them.
"""

import argparse
import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyte

NNTERM = (sys.executable, "-m", "tui.cli.main")
Size = tuple[int, int]
SIZES: tuple[Size, ...] = ((140, 45), (80, 24))
FIRST_S = 10.0
ASKS_FOR_SYNC, HAS_SYNC = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""The app's question whether the terminal draws a frame at once, and a terminal's yes."""
GOALS_KB = {"Train": (8, 2), "Runs": (2, 2), "Boundary": (8, 2), "Gradients": (8, 2)}
"""Goals in kB/s at 140x45 in steady state: by default, and with --low-bandwidth."""
GOAL_MS, PATIENCE_S = 50, 120.0


@dataclass
class Received:
    """A piece of what the app has sent."""

    at: float
    data: bytes


@dataclass
class AppInTerminal:
    """The app in a pseudo-terminal of a size; a thread reads all that it sends."""

    size: tuple[int, int]
    options: Sequence[str]
    environment: dict[str, str]
    received: list[Received] = field(default_factory=list)

    def __post_init__(self) -> None:
        columns, rows = self.size
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._shown = 0
        self._end, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            [*NNTERM, *self.options],
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env=self.environment,
        )
        os.close(other)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                select.select([self._end], [], [])
                data = os.read(self._end, 1 << 20)
            except OSError:
                return
            if not data:
                return
            self.received.append(Received(time.perf_counter(), data))
            if ASKS_FOR_SYNC in data:
                os.write(self._end, HAS_SYNC)

    def catch_up(self) -> None:
        """Show all that has come on the emulated screen."""
        while self._shown < len(self.received):
            self._stream.feed(without_private_modes(self.received[self._shown].data))
            self._shown += 1

    def press(self, keys: str) -> float:
        """Type keys and return when."""
        at = time.perf_counter()
        os.write(self._end, keys.encode())
        return at

    def waited_ms(self) -> float:
        """Return how long the app's main thread has waited for a CPU so far; 0 where the system does not say."""
        try:
            return int(Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[1]) / 1e6
        except OSError:
            return 0.0

    def bytes_between(self, start: float, end: float) -> int:
        """Return how many bytes came in a time."""
        return sum(len(one.data) for one in list(self.received) if start <= one.at < end)

    def wait_until(self, condition: Callable[[list[str]], bool]) -> float:
        """Wait until the emulated screen meets a condition; return when the bytes came that made it so."""
        deadline = time.perf_counter() + PATIENCE_S
        while True:
            while self._shown < len(self.received):
                one = self.received[self._shown]
                self._shown += 1
                self._stream.feed(without_private_modes(one.data))
                if condition(self.screen.display):
                    return one.at
            if time.perf_counter() > deadline or self.process.poll() is not None:
                raise SystemExit("the app did not get there; it shows:\n" + "\n".join(self.screen.display))
            time.sleep(0.001)

    def close(self) -> None:
        """Close the terminal, as a window is closed."""
        os.close(self._end)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        if self.process.poll() is None:
            self.process.kill()


def without_private_modes(data: bytes) -> bytes:
    """Return output without the keyboard protocol's codes, which the emulator would print."""
    return data.replace(b"\x1b[>25u", b"").replace(b"\x1b[<u", b"")


@dataclass
class Rate:
    """Rates at which a screen sends, in kB/s."""

    first: float
    steady: float
    peak: float


def measure(app: AppInTerminal, steady_s: float) -> Rate:
    """Return the rates from now on: over the first 10 s, then over `steady_s`, and of the peak second."""
    start = time.perf_counter()
    time.sleep(FIRST_S + steady_s)
    seconds = np.arange(start, start + FIRST_S + steady_s - 1, 0.25)
    return Rate(
        app.bytes_between(start, start + FIRST_S) / FIRST_S / 1000,
        app.bytes_between(start + FIRST_S, start + FIRST_S + steady_s) / steady_s / 1000,
        max(app.bytes_between(second, second + 1) for second in seconds) / 1000,
    )


def shows(text: str) -> Callable[[list[str]], bool]:
    """Return the condition that the screen shows a text."""
    return lambda lines: any(text in line for line in lines)


def purpose_is_not(line: str) -> Callable[[list[str]], bool]:
    """Return the condition that another screen is shown: each has a line of purpose below its tabs."""
    return lambda lines: lines[1] != line and bool(lines[1].strip())


class Lab:
    """A folder of runs with one that trains without end."""

    def __init__(self, home: str, dataset: str, layers: str) -> None:
        self.environment = os.environ | {
            "NNTERM_HOME": home,
            "NNTERM_CONFIG": str(Path(home) / "config.toml"),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONIOENCODING": "utf-8",
        }
        self.name = f"bench-{dataset}"
        train = ["train", "--dataset", dataset, "--layers", layers, "--epochs", "1000000"]
        self.call(*train, "--name", self.name, "--detach")

    def call(self, *arguments: str) -> None:
        """Run a command of nnterm."""
        subprocess.run([*NNTERM, *arguments], env=self.environment, check=True, stdout=subprocess.DEVNULL)

    @contextlib.contextmanager
    def app(self, size: tuple[int, int], options: Sequence[str]) -> Iterator[AppInTerminal]:
        """Open the app, watching the run on the Train screen."""
        app = AppInTerminal(size, options, self.environment)
        try:
            app.wait_until(shows("1 Data"))
            app.wait_until(shows("mnist"))
            open_screen(app, "6")
            app.wait_until(shows(self.name))
            time.sleep(1)
            open_screen(app, "\r")
            yield app
        finally:
            app.close()


def rates(home: str, size: Size, options: Sequence[str], steady_s: float) -> Iterator[tuple[str, Rate]]:
    """Yield each screen's rates while MNIST trains, and those of the live boundary while spirals do."""
    lab = Lab(home, "mnist", "128,64")
    try:
        with lab.app(size, options) as app:
            yield "Train", measure(app, steady_s)
            app.press("6")
            yield "Runs", measure(app, steady_s)
            app.press("4")
            time.sleep(2)
            app.press("g")
            yield "Gradients", measure(app, steady_s)
    finally:
        lab.call("stop", lab.name)
    lab = Lab(home, "spirals", "32,32")
    try:
        with lab.app(size, options) as app:
            app.press("5")
            time.sleep(3)
            app.press("bB")
            yield "Boundary", measure(app, steady_s)
    finally:
        lab.call("stop", lab.name)


@dataclass
class Answers:
    """Milliseconds from keys to their answers."""

    whole: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    """Without the time in which the app waited for a CPU: about as on a machine that is not busy."""

    def time(self, app: AppInTerminal, key: str, condition: Callable[[list[str]], bool]) -> None:
        """Press a key and wait for its answer."""
        waited = app.waited_ms()
        at = app.press(key)
        whole = 1000 * (app.wait_until(condition) - at)
        self.whole.append(whole)
        self.own.append(max(0.0, whole - app.waited_ms() + waited))


def latencies(home: str, options: Sequence[str], count: int) -> dict[str, Answers]:
    """Return the answers to keys while MNIST trains: moves in a table, and changes of the screen."""
    lab = Lab(home, "mnist", "128,64")
    moves, screens = Answers(), Answers()
    try:
        with lab.app(SIZES[0], options) as app:
            for key in "21":  # each screen is built when it is first opened
                open_screen(app, key)
                time.sleep(3)
            for turn in range(count):
                pause(app, turn)
                before = table(app)
                key = "\x1b[B" if turn // 8 % 2 == 0 else "\x1b[A"
                moves.time(app, key, lambda _, before=before: table(app) != before)  # type: ignore[misc]
            open_screen(app, "3")
            for turn in range(count):
                pause(app, turn)
                screens.time(app, "3" if turn % 2 else "2", purpose_is_not(app.screen.display[1]))
    finally:
        lab.call("stop", lab.name)
    return {"a move in a table": moves, "another screen": screens}


def pause(app: AppInTerminal, turn: int) -> None:
    """Wait as long as a person does between two keys, and take what has come meanwhile."""
    time.sleep(0.15 + 0.1 * (turn % 5))
    app.catch_up()


def open_screen(app: AppInTerminal, key: str) -> None:
    """Open a screen and wait for it."""
    app.catch_up()
    purpose = app.screen.display[1]
    app.press(key)
    app.wait_until(purpose_is_not(purpose))


def table(app: AppInTerminal) -> tuple[object, ...]:
    """Return the grounds of the cells in the column of the names of datasets: the cursor's place."""
    return tuple(app.screen.buffer[row][5].bg for row in range(2, 20))


def main() -> None:
    """Print a table of rates, and one of latencies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steady", type=float, default=20.0, help="seconds of the steady state")
    parser.add_argument("--keys", type=int, default=100, help="keys of each kind; 0: no latencies")
    parser.add_argument("--option", action="append", default=[], help="an option of the app")
    parser.add_argument("--no-rates", action="store_true", help="latencies only")
    arguments = parser.parse_args()
    goal = 1 if "--low-bandwidth" in arguments.option else 0
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs")
    print(f"{'screen':12}{'size':>8}{'first 10 s':>12}{'steady':>9}{'peak':>8}   kB/s; goal at 140x45")
    with tempfile.TemporaryDirectory() as home:
        for size in () if arguments.no_rates else SIZES:
            for name, rate in rates(str(Path(home) / f"{size[0]}"), size, arguments.option, arguments.steady):
                columns = f"{rate.first:12.1f}{rate.steady:9.1f}{rate.peak:8.1f}"
                print(f"{name:12}{size[0]:5}x{size[1]}{columns}   {GOALS_KB[name][goal]}", flush=True)
        if arguments.keys:
            print(
                f"\n{'key':20}{'median':>9}{'90 %':>8}{'99 %':>8}{'longest':>9}   ms; goal {GOAL_MS} at 99 %"
            )
            for kind, answers in latencies(
                str(Path(home) / "keys"), arguments.option, arguments.keys
            ).items():
                for name, values in ((kind, answers.whole), ("  without waits", answers.own)):
                    median, most, nearly = np.percentile(values, (50, 90, 99))
                    print(f"{name:20}{median:9.1f}{most:8.1f}{nearly:8.1f}{max(values):9.1f}", flush=True)
            print("without waits: less the time in which the app waited for a CPU")


if __name__ == "__main__":
    main()
