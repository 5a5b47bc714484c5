"""Trials without a process: the test supplies the events."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from engine.trials import Plot, TrialCurve, TrialFinished, TrialStarted
from tui.processes.trial import TrialError, TriedEvent

STARTED = TrialStarted(
    trial="rates",
    subject="moons, 2-4-1",
    beginning="initial weights, seed 0",
    plot=Plot(
        title="loss", x_label="update", curves=(TrialCurve("loss", "main"), TrialCurve("level", "level"))
    ),
    notes=("to keep it short: 3 of 10 epochs",),
)
ENDED = TrialFinished(
    trial="rates",
    outcome="too-high",
    passed=False,
    sentence="The rate 0.01 is too high, 0.002 suits.",
    source="Smith 2017",
    figures={"rate": 0.01},
    changes={"training.optimizer.lr": 0.002},
    mark=1.0,
)


class FakeTrials:
    """Yields the events that a test supplies, and records the arguments."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[TriedEvent] = asyncio.Queue()
        self.asked: list[list[str]] = []
        self.open = 0

    def tell(self, *events: TriedEvent) -> None:
        """Supply the next events."""
        for event in events:
            self.events.put_nowait(event)

    async def __call__(self, arguments: Sequence[str]) -> AsyncGenerator[TriedEvent, None]:
        self.asked.append(list(arguments))
        self.open += 1
        try:
            while True:
                event = await self.events.get()
                yield event
                if isinstance(event, TrialFinished | TrialError):
                    return
        finally:
            self.open -= 1
