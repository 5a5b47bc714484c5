"""A run's events in short: the chunks of steps between two others are one, with its losses in groups."""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec
import numpy as np

from engine.arrays import Array
from engine.events import Buckets, Epoch, Event, Failed, Finding, Finished, Layers, Resumed, Started, Steps
from engine.runs.downsample import numbers, there

T = TypeVar("T")
POINTS = 4096
"""Groups of losses in all, at most twice as many."""
OTHERS = 4000
"""Events beside the steps, at most; older ones go first, those that begin a training, epochs and findings last."""
MOST_LAYERS = 500
"""Measurements of the layers, at most; beyond, every second one goes."""


class Stretch:
    """All steps between two other events; the losses in groups of `width` updates, (n,) each."""

    def __init__(self, event: Steps, width: int) -> None:
        self.last = event
        self.step, self.count, self.seconds = event.step, 0, 0.0
        self.width = width
        self._sum, self._n = np.zeros(16), np.zeros(16)
        self._low, self._high = np.full(16, np.nan), np.full(16, np.nan)
        self.add(event)

    @property
    def points(self) -> int:
        """Groups so far."""
        return -(-self.count // self.width)

    @property
    def end(self) -> int:
        """Updates after the last of them."""
        return self.step + self.count

    def add(self, event: Steps) -> None:
        """Take in the chunk that follows."""
        size, count, mean, low, high = _columns(event)
        if not len(mean):
            return
        starts = self.count + np.arange(len(mean)) * size
        weights = np.clip(self.count + count - starts, 0, size)
        self.last, self.count, self.seconds = event, self.count + count, self.seconds + event.seconds
        self._make_room(self.points)
        at = np.minimum((starts + weights // 2) // self.width, self.points - 1)
        first = np.flatnonzero(np.diff(at, prepend=-1))  # of each group, as `at` never falls
        groups, known = at[first], np.isfinite(mean)
        self._sum[groups] += np.add.reduceat(np.where(known, mean * weights, 0.0), first)
        self._n[groups] += np.add.reduceat(np.where(known, weights, 0.0), first)
        self._low[groups] = np.fmin(self._low[groups], np.fmin.reduceat(low, first))
        self._high[groups] = np.fmax(self._high[groups], np.fmax.reduceat(high, first))

    def cut(self, step: int) -> None:
        """Forget what came after `step` updates; a group that reaches across it stays."""
        self.count = max(0, step - self.step)
        for name, _, empty in _JOINS:
            getattr(self, name)[self.points :] = empty

    def halve(self) -> None:
        """Let two groups become one."""
        self._make_room(self.points + 1)
        half = len(self._sum) // 2
        for name, join, empty in _JOINS:
            kept = getattr(self, name)
            kept[:half] = join(kept[0 : 2 * half : 2], kept[1 : 2 * half : 2])
            kept[half:] = empty
        self.width *= 2

    def event(self) -> Steps:
        """Return the stretch as a chunk."""
        n = self.points
        mean = np.divide(self._sum[:n], self._n[:n], out=np.full(n, np.nan), where=self._n[:n] > 0)
        buckets = Buckets(
            size=self.width,
            count=self.count,
            minimum=there(self._low[:n].tolist()),
            mean=numbers(mean.tolist()),
            maximum=there(self._high[:n].tolist()),
        )
        return msgspec.structs.replace(
            self.last, step=self.step, losses=[], buckets=buckets, seconds=round(self.seconds, 6)
        )

    def _make_room(self, points: int) -> None:
        while len(self._sum) < points:
            for name, _, empty in _JOINS:
                kept = getattr(self, name)
                setattr(self, name, np.concatenate([kept, np.full(len(kept), empty)]))


_JOINS = (("_sum", np.add, 0.0), ("_n", np.add, 0.0), ("_low", np.fmin, np.nan), ("_high", np.fmax, np.nan))


def _columns(event: Steps) -> tuple[int, int, Array, Array, Array]:
    """Return size, count, and the means, lowest and highest of a chunk, (n,) each."""
    buckets = event.buckets
    if buckets is None:
        losses = np.array(event.losses, np.float64)  # None becomes NaN
        return 1, len(losses), losses, losses, losses
    n = min(len(buckets.mean), len(buckets.minimum), len(buckets.maximum))
    parts = [np.array(part[:n], np.float64) for part in (buckets.mean, buckets.minimum, buckets.maximum)]
    return max(1, buckets.size), buckets.count, parts[0], parts[1], parts[2]


class Digest:
    """Keeps a run's events in short while they are written; bounded however long the run."""

    def __init__(self) -> None:
        self._items: deque[Stretch | Event] = deque()
        self._width = 1
        self._points, self._others, self._layers = 0, 0, 0

    def add(self, event: Event) -> None:
        """Take in the next event; a `resumed` one takes back what it says."""
        if isinstance(event, Steps):
            self._add_steps(event)
            return
        if isinstance(event, Resumed):
            self._take_back(event.step)
        self._items.append(event)
        self._others += 1
        self._layers += isinstance(event, Layers)
        if self._layers > MOST_LAYERS:
            self._drop([item for item in self._items if isinstance(item, Layers)][1::2])
        if self._others > OTHERS:
            self._drop_others()

    def events(self) -> list[Event]:
        """Return what there was, in order."""
        return [item.event() if isinstance(item, Stretch) else item for item in self._items]

    def _add_steps(self, event: Steps) -> None:
        if event.count < 1:
            return
        last = self._items[-1] if self._items else None
        if isinstance(last, Stretch) and last.end == event.step:
            self._points -= last.points
            last.add(event)
        else:
            last = Stretch(event, self._width)
            self._items.append(last)
        self._points += last.points
        while self._points > 2 * POINTS and self._halve():
            pass

    def _halve(self) -> bool:
        """Make all groups twice as wide; whether that made fewer of them."""
        stretches = [item for item in self._items if isinstance(item, Stretch)]
        before = self._points
        for stretch in stretches:
            stretch.halve()
        self._width *= 2
        self._points = sum(stretch.points for stretch in stretches)
        return self._points < before

    def _take_back(self, step: int) -> None:
        """Forget what came after `step` updates."""
        kept = [item for item in self._items if item.step < step or not isinstance(item, Stretch | Steps)]
        self._items = deque(without_ending(item for item in kept if item.step <= step))
        for item in self._items:
            if isinstance(item, Stretch) and item.end > step:
                item.cut(step)
        self._count()

    def _count(self) -> None:
        self._points = sum(item.points for item in self._items if isinstance(item, Stretch))
        self._others = sum(not isinstance(item, Stretch) for item in self._items)
        self._layers = sum(isinstance(item, Layers) for item in self._items)

    def _drop_others(self) -> None:
        """Let the older half of what is least worth go."""
        removable: list[Event] = []
        for kinds in ((Started, Resumed, Epoch, Finding), (Started,), ()):
            others = (item for item in self._items if not isinstance(item, Stretch))
            removable = [item for item in others if not isinstance(item, kinds)]
            if len(removable) > OTHERS // 2:  # enough of the least worth
                break
        self._drop(removable[: len(removable) // 2])

    def _drop(self, events: Sequence[Event]) -> None:
        """Let these go; steps that then lie side by side become one stretch."""
        gone = {id(event) for event in events}
        items, self._items = self._items, deque()
        for item in items:
            last = self._items[-1] if self._items else None
            if isinstance(item, Stretch) and isinstance(last, Stretch) and last.end == item.step:
                last.add(item.event())
            elif id(item) not in gone:
                self._items.append(item)
        self._count()


def without_ending(items: Iterable[T]) -> list[T]:
    """Return all but last words, and the findings right before `finished`, which judged the training as a whole."""
    kept: list[T] = []
    for item in items:
        if not isinstance(item, Finished):
            kept.append(item)
            continue
        while kept and isinstance(kept[-1], Finding):
            kept.pop()
    return [item for item in kept if not isinstance(item, Failed)]
