"""Real walks, computed in this process, as the step-through screen receives them from its child process."""

from collections.abc import AsyncGenerator, Sequence

from engine.data import load_data
from engine.experiment.experiment import Experiment
from engine.glassbox import ExplainEvent, ExplainOptions, explain
from tui.processes.check import ExplainLine


def events_of(dataset: str, layers: Sequence[int], sample: int = 1) -> list[ExplainEvent]:
    """Return the walk of one sample through a dataset's network."""
    experiment = Experiment.quick(dataset, layers=list(layers), activation="tanh")
    return list(explain(experiment, load_data(experiment.data), ExplainOptions(sample=sample)))


class RealExplain:
    """Yields a fixed walk, and records its arguments."""

    def __init__(self, events: Sequence[ExplainEvent]) -> None:
        self.events, self.asked = events, list[list[str]]()

    async def __call__(self, arguments: Sequence[str]) -> AsyncGenerator[ExplainLine, None]:
        self.asked.append(list(arguments))
        for event in self.events:
            yield event
