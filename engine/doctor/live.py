"""The doctor at work on one training: hears its events, and says each finding once."""

import math
import time
from collections.abc import Callable, Iterable

import numpy as np
from msgspec.structs import replace

from engine.data import Data
from engine.doctor.diagnose import Evidence, judge
from engine.doctor.evidence import BadTensor, Course, Plan, Result, Start
from engine.doctor.gather import result_of, start_of
from engine.doctor.precedence import cause_of
from engine.doctor.telemetry import Telemetry
from engine.events import Epoch, Event, Finding, Finished, Layers, Steps
from engine.experiment.experiment import Experiment
from engine.nn.network import Network

BUDGET = 0.004
"""Share of the time that judging may take."""
MOST_LOSSES = 20_000
"""Losses that are kept; beyond, two neighbours become their mean."""
_WEIGHTS = {"info": 1, "warning": 2, "error": 3}
MOST_LAYERS = 400
"""Measurements that are kept; beyond, every second one goes."""


def steered(experiment: Experiment, rate: float) -> Experiment:
    """Return the experiment with the learning rate that somebody set on the way."""
    optimizer = replace(experiment.training.optimizer, lr=rate)
    return replace(experiment, training=replace(experiment.training, optimizer=optimizer))


class CourseRecorder:
    """Gathers a training's events; owns what it gathered."""

    def __init__(self, start: Start) -> None:
        self.start = start
        self._losses: list[float] = []
        self._group = 1  # updates in one of the losses
        self._rest: list[float | None] = []
        self._steps = 0
        self._began: int | None = None
        self._epochs: list[Epoch] = []
        self._layers: list[Layers] = [start.layers]
        self._finished: Finished | None = None
        self.bad: BadTensor | None = None
        """Where the first NaN appeared, once somebody has looked."""

    def add(self, event: Event) -> None:
        """Take an event; those that tell nothing of the course are passed over."""
        match event:
            case Steps():
                self._began = event.step if self._began is None else self._began
                self._steps = event.step + event.count
                self._rest += event.means  # as it is: fast networks make very many of them
                if len(self._rest) > MOST_LOSSES:
                    self._fold()
            case Epoch():
                self._epochs.append(event)
            case Layers() if event.step:  # that before the first update is known
                self._layers.append(event)
                if len(self._layers) > MOST_LAYERS:
                    del self._layers[1::2]
            case Finished():
                self._finished = event

    def course(self) -> Course:
        """Return the evidence so far."""
        self._fold()
        return Course(
            start=self.start,
            losses=tuple(self._losses),
            steps=self._steps,
            began=self._began or 0,
            epochs=tuple(self._epochs),
            layers=tuple(self._layers),
            finished=self._finished,
            bad=self.bad,
        )

    def _fold(self) -> None:
        """Take the newest losses in, as means of whole groups; not at each chunk, which are many and small."""
        whole = len(self._rest) // self._group * self._group
        new = np.array(self._rest[:whole], np.float64)  # None becomes NaN
        self._losses += (
            new.reshape(-1, self._group).mean(axis=1).tolist() if self._group > 1 else new.tolist()
        )
        del self._rest[:whole]
        while len(self._losses) > MOST_LOSSES:
            even = len(self._losses) // 2 * 2
            self._losses = np.reshape(self._losses[:even], (-1, 2)).mean(axis=1).tolist()
            self._group *= 2


class Doctor:
    """Follows one training.

    Args:
        plan: what `examine.plan_of` gave.
        network: before its first update.
        data: what it will learn from.
        telemetry: of `network`, to measure it before the first update; else one of its own.
        budget: share of the time that judging may take while it trains.
    """

    def __init__(
        self,
        plan: Plan,
        network: Network,
        data: Data,
        *,
        telemetry: Telemetry | None = None,
        budget: float = BUDGET,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._budget, self._timer = budget, timer
        self._next_judgement_s = -math.inf
        self.start = start_of(plan, network, data, telemetry)
        self._recorder = CourseRecorder(self.start)
        self._data = data
        self._said: dict[tuple[str, str | None], int] = {}  # and how grave it was
        self._findings: list[Finding] = []

    def before(self, *, of_start: bool = True) -> list[Finding]:
        """Return what can be said before the first update.

        Args:
            of_start: whether the training starts with the first weights, so that they matter.
        """
        return [*self._new(self.start.plan, 0), *(self._new(self.start, 0) if of_start else [])]

    def hear(self, event: Event) -> list[Finding]:
        """Take an event of the training and return what is new.

        Chunks of steps are only remembered, and so are epochs and measurements that follow too soon for the budget.
        """
        self._recorder.add(event)
        started = self._timer()
        due = isinstance(event, Epoch | Layers) and started >= self._next_judgement_s
        if not due and not isinstance(event, Finished):
            return []
        new = self._new(self._recorder.course(), event.step)
        ended = self._timer()
        self._next_judgement_s = ended + (ended - started) / self._budget
        return new

    def recall(self, events: Iterable[Event]) -> list[Finding]:
        """Take the events of a training that lies in the past, and return what they show as a whole.

        Findings among them count as said.
        """
        for event in events:
            if isinstance(event, Finding):
                self.heed(event)
            self._recorder.add(event)
        return self._new(self.course, self.course.steps)

    def heed(self, finding: Finding) -> None:
        """Count a finding as said: one on a layer of the whole network too, one on a divergence of its NaN too."""
        self._findings.append(finding)
        weight = _WEIGHTS[finding.severity]
        keys = [(finding.code, finding.layer), (finding.code, None)]
        if "phase" in finding.evidence:  # an autopsy's
            keys.append(("nan", None))
        for key in keys:
            self._said[key] = max(weight, self._said.get(key, 0))

    def steer(self, rate: float) -> None:
        """Be told the learning rate that is in force, before the schedule: what is said of it is said of this one."""
        plan = self.start.plan
        self.start = replace(self.start, plan=replace(plan, experiment=steered(plan.experiment, rate)))
        self._recorder.start = self.start

    def found_bad(self, bad: BadTensor | None) -> None:
        """Be told where the first NaN appeared; before the `finished` event is heard."""
        self._recorder.bad = bad

    def after(self, network: Network) -> list[Finding]:
        """Return what the trained network itself shows."""
        return self._new(self.result(network), self.course.steps)

    @property
    def course(self) -> Course:
        """The evidence so far."""
        return self._recorder.course()

    def result(self, network: Network) -> Result:
        """Return the evidence on the trained network."""
        return result_of(self.course, network, self._data)

    def _new(self, evidence: Evidence, step: int) -> list[Finding]:
        """What the rules find and had not found before per code and layer, or not as grave; symptoms say their cause."""
        new: list[Finding] = []
        for finding in judge(evidence, step=step):
            if _WEIGHTS[finding.severity] > self._said.get((finding.code, finding.layer), 0):
                self.heed(finding)
                new.append(finding)
        named = [replace(finding, cause=cause_of(finding, self._findings)) for finding in new]
        return sorted(named, key=lambda finding: bool(finding.cause))
