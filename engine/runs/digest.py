"""The digest of a run's events: the chunks of steps between two other events are merged, with their losses in groups."""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec

from engine.events import Epoch, Event, Failed, Finding, Finished, Layers, Resumed, Started, Steps
from engine.runs.loss_groups import LossGroups

T = TypeVar("T")
POINTS = 4096
"""Target for the total number of groups of losses; there are at most twice as many."""
OTHERS = 4000
"""Maximum number of events other than steps; the oldest are dropped first, `started`, epochs and findings last."""
MOST_LAYERS = 500
"""Maximum number of `layers` events; above it, every second one is dropped."""


class StepGroup:
    """The chunks of steps between two other events as one, with its losses in groups of `width` updates."""

    def __init__(self, event: Steps, width: int) -> None:
        self.step = event.step
        self.groups = LossGroups(width)
        self._last, self._seconds = event, 0.0
        self.add(event)

    @property
    def points(self) -> int:
        """Groups of losses so far."""
        return len(self.groups)

    @property
    def end(self) -> int:
        """Number of updates made after the last of its chunks."""
        return self.step + self.groups.end

    def add(self, event: Steps) -> None:
        """Append the chunk that follows."""
        self._last, self._seconds = event, self._seconds + event.seconds
        self.groups.extend_steps(self.groups.end, event)

    def cut(self, step: int) -> None:
        """Remove what came after `step` updates of the run; a group that reaches across stays."""
        self.groups.cut(max(0, step - self.step))

    def event(self) -> Steps:
        """Return the chunks as one."""
        return msgspec.structs.replace(
            self._last,
            step=self.step,
            losses=[],
            buckets=self.groups.buckets(),
            seconds=round(self._seconds, 6),
        )


class Digest:
    """Condenses a run's events while they are written; its size is bounded for a run of any length."""

    def __init__(self) -> None:
        self._items: deque[StepGroup | Event] = deque()
        self._width = 1
        self._points, self._others, self._layers = 0, 0, 0

    def add(self, event: Event) -> None:
        """Add the next event; a `resumed` event removes those that it rolls back."""
        if isinstance(event, Steps):
            self._add_steps(event)
            return
        if isinstance(event, Resumed):
            self._roll_back(event.step)
        self._items.append(event)
        self._others += 1
        self._layers += isinstance(event, Layers)
        if self._layers > MOST_LAYERS:
            layers = [item for item in self._items if isinstance(item, Layers)]
            extra = [item for item in layers if not item.planned]
            self._drop((extra if len(extra) > len(layers) / 2 else layers)[1::2])
        if self._others > OTHERS:
            self._drop_others()

    def events(self) -> list[Event]:
        """Return the condensed events, in order."""
        return [item.event() if isinstance(item, StepGroup) else item for item in self._items]

    def _add_steps(self, event: Steps) -> None:
        if event.count < 1:
            return
        last = self._items[-1] if self._items else None
        if isinstance(last, StepGroup) and last.end == event.step:
            self._points -= last.points
            last.add(event)
        else:
            last = StepGroup(event, self._width)
            self._items.append(last)
        self._points += last.points
        while self._points > 2 * POINTS and self._halve():
            pass

    def _halve(self) -> bool:
        """Merge neighbouring groups everywhere; return True if there are fewer groups then."""
        groups = [item for item in self._items if isinstance(item, StepGroup)]
        before = self._points
        for group in groups:
            group.groups.halve()
        self._width *= 2
        self._points = sum(group.points for group in groups)
        return self._points < before

    def _roll_back(self, step: int) -> None:
        """Remove the events after `step` updates."""
        kept = [item for item in self._items if item.step < step or not isinstance(item, StepGroup | Steps)]
        self._items = deque(without_ending(item for item in kept if item.step <= step))
        for item in self._items:
            if isinstance(item, StepGroup) and item.end > step:
                item.cut(step)
        self._count()

    def _count(self) -> None:
        self._points = sum(item.points for item in self._items if isinstance(item, StepGroup))
        self._others = sum(not isinstance(item, StepGroup) for item in self._items)
        self._layers = sum(isinstance(item, Layers) for item in self._items)

    def _drop_others(self) -> None:
        """Drop the older half of the least important events."""
        removable: list[Event] = []
        for kinds in ((Started, Resumed, Epoch, Finding), (Started,), ()):
            others = (item for item in self._items if not isinstance(item, StepGroup))
            removable = [item for item in others if not isinstance(item, kinds)]
            if len(removable) > OTHERS // 2:  # enough of the least important kinds
                break
        self._drop(removable[: len(removable) // 2])

    def _drop(self, events: Sequence[Event]) -> None:
        """Drop these events, and merge groups of steps that become adjacent."""
        gone = {id(event) for event in events}
        items, self._items = self._items, deque()
        for item in items:
            last = self._items[-1] if self._items else None
            if isinstance(item, StepGroup) and isinstance(last, StepGroup) and last.end == item.step:
                last.add(item.event())
            elif id(item) not in gone:
                self._items.append(item)
        self._count()


def without_ending(items: Iterable[T]) -> list[T]:
    """Return all but `finished` and `failed` events, and the findings right before `finished`, which refer to the whole
    training.
    """
    kept: list[T] = []
    for item in items:
        if not isinstance(item, Finished):
            kept.append(item)
            continue
        while kept and isinstance(kept[-1], Finding):
            kept.pop()
    return [item for item in kept if not isinstance(item, Failed)]
