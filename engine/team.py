"""Threads that share one computation: each makes a part of the result while NumPy leaves Python's lock to the others.

The number of parts decides the bits of a result. How many threads make them, and which thread which part, does not:
each part is made by one thread of the matrix library, see `engine.blas`. So a team of 4 computes the same bits on a
machine with 2 cores, and a part of a waiting thread is made by another.

Measured with 2 threads and products of 512 by 2,048 by 2,048, against the matrix library's own threads: 10 % to 15 %
less time and processor time, since no thread waits in a loop.
"""

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context, copy_context
from functools import partial
from queue import SimpleQueue

import numpy as np

from engine.arrays import Array
from engine.cores import usable_cores

PART_EDGE = 64
"""Parts begin at multiples of this, so that no two threads write to the same line of the cache."""
SHARED_FLOPS = 4_000_000
"""Products with fewer operations are made by one thread: waking another takes about 0.05 ms."""
SHARED_NUMBERS = 100_000
"""Functions of fewer numbers are computed by one thread."""

Task = Callable[[], object]


class Team:
    """A number of threads that make the parts of a result together; the calling thread is one of them.

    Outside of `at_work` there are no other threads, and the calling thread makes all parts.

    Args:
        size: parts of a result, at least 1.
        cores: threads at most; None: as many as this process has cores.
    """

    def __init__(self, size: int, cores: int | None = None) -> None:
        self.size = size
        self._helpers = min(size, usable_cores() if cores is None else cores) - 1
        self._jobs: SimpleQueue[tuple[Context, _Job] | None] = SimpleQueue()
        self._is_at_work = False

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Run the threads for the duration of the context."""
        threads = [
            threading.Thread(target=_help, args=(self._jobs,), name="nnterm team", daemon=True)
            for _ in range(self._helpers)
        ]
        for thread in threads:
            thread.start()
        self._is_at_work = True
        try:
            yield
        finally:
            self._is_at_work = False
            for _ in threads:
                self._jobs.put(None)
            for thread in threads:
                thread.join()

    def make(self, tasks: Sequence[Task]) -> None:
        """Call each task once, several at the same time, and return when all are done; raises the error of one."""
        job = _Job(tasks)
        if self._is_at_work:
            for _ in range(min(self._helpers, len(tasks) - 1)):
                self._jobs.put((copy_context(), job))  # with NumPy's handling of errors, as the caller set it
        job.finish()

    def parts(self, n: int, of: int = 1) -> list[slice]:
        """Return n places in at most `size` parts of about the same length; in one if all are few numbers.

        Args:
            of: numbers at each place.
        """
        return self._cut(n) if n * of >= SHARED_NUMBERS else [slice(0, n)]

    def _cut(self, n: int) -> list[slice]:
        edges = [n * i // self.size // PART_EDGE * PART_EDGE for i in range(self.size)] + [n]
        return [slice(start, stop) for start, stop in itertools.pairwise(edges) if start < stop]

    def multiply(self, a: Array, b: Array, out: Array) -> None:
        """Write the product of a (m, k) and b (k, n) into `out`, (m, n)."""
        self.make(self.products(a, b, out))

    def products(self, a: Array, b: Array, out: Array) -> list[Task]:
        """Return the tasks of a product: each makes some rows of `out`, or some columns if it has more of these."""
        m, n = out.shape
        if 2 * m * n * len(b) < SHARED_FLOPS:
            return [partial(np.matmul, a, b, out)]
        if m > n:
            return [partial(np.matmul, a[rows], b, out[rows]) for rows in self._cut(m)]
        return [partial(np.matmul, a, b[:, columns], out[:, columns]) for columns in self._cut(n)]


class _Job:
    """Tasks that several threads take in turn."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._tasks = tasks
        self._numbers = itertools.count()  # `next` is atomic: no number is given out twice
        self._results: SimpleQueue[BaseException | None] = SimpleQueue()

    def help(self) -> None:
        """Make tasks until none is left to take."""
        while (number := next(self._numbers)) < len(self._tasks):
            try:
                self._tasks[number]()
            except BaseException as error:  # handed to the thread that waits
                self._results.put(error)
            else:
                self._results.put(None)

    def finish(self) -> None:
        """Make tasks until none is left, and wait for those that other threads have taken."""
        self.help()
        errors = [error for _ in self._tasks if (error := self._results.get()) is not None]
        if errors:
            raise errors[0]


def _help(jobs: "SimpleQueue[tuple[Context, _Job] | None]") -> None:
    """Help with jobs until there is a None."""
    while (entry := jobs.get()) is not None:
        context, job = entry
        context.run(job.help)
