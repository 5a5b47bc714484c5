"""The doctor of one training: follows its events and reports each finding once."""

import math
from collections.abc import Iterable

import numpy as np
from msgspec.structs import replace

from engine.data import Data
from engine.doctor.diagnosis import Evidence, diagnose
from engine.doctor.evidence import BadTensor, Course, Plan, Result, Start
from engine.doctor.gather import result_of, start_of
from engine.doctor.precedence import cause_of
from engine.doctor.telemetry import Telemetry
from engine.events import Epoch, Event, Finding, Finished, Layers, Steps
from engine.experiment.experiment import Experiment
from engine.nn.network import Network

EPOCH_GROWTH = 1.3
"""Each epoch at which the rules are applied is at least this many times the one before: a fast network makes a thousand
epochs while they are applied ten times."""
MOST_LOSSES = 20_000
"""Losses in memory, at most; beyond that, neighbouring pairs are replaced by their mean."""
_GRAVITY = {"info": 1, "warning": 2, "error": 3}
MOST_LAYERS = 400
"""Measurements in memory, at most; beyond that, every second one is dropped."""


def with_rate(experiment: Experiment, rate: float) -> Experiment:
    """Return the experiment with the learning rate that was set during training."""
    optimizer = replace(experiment.training.optimizer, lr=rate)
    return replace(experiment, training=replace(experiment.training, optimizer=optimizer))


class CourseRecorder:
    """Collects the events of a training as evidence; owns its lists."""

    def __init__(self, start: Start) -> None:
        self.start = start
        self._losses: list[float] = []
        self._group = 1  # updates per stored loss
        self._rest: list[float | None] = []
        self._steps = 0
        self._began: int | None = None
        self._epochs: list[Epoch] = []
        self._layers: list[Layers] = [start.layers]
        self._finished: Finished | None = None
        self.bad: BadTensor | None = None
        """The tensor that first held NaN; None until `Doctor.set_first_bad`."""

    def add(self, event: Event) -> None:
        """Record an event; events without evidence are ignored."""
        match event:
            case Steps():
                self._began = event.step if self._began is None else self._began
                self._steps = event.step + event.count
                self._rest += event.means  # without conversion: fast networks produce very many of them
                if len(self._rest) > MOST_LOSSES:
                    self._fold()
            case Epoch():
                self._epochs.append(event)
            case Layers() if event.step and event.planned:  # the one before the first update is in `start`
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
        """Append the newest losses as means of whole groups; not at each chunk, since chunks are many and small."""
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


def _is_judged(event: Event) -> bool:
    """Return True for an event at which the rules are applied."""
    match event:
        case Layers():
            return event.planned
        case Epoch():
            return (
                int(math.log(event.epoch, EPOCH_GROWTH))
                > int(math.log(max(1, event.epoch - 1), EPOCH_GROWTH))
                or event.epoch <= 2
            )
    return isinstance(event, Finished)


class Doctor:
    """Follows one training.

    Args:
        plan: from `engine.doctor.gather.plan_of`.
        network: before its first update.
        data: its training data.
        telemetry: measures `network` before the first update; None: a new one.
    """

    def __init__(
        self,
        plan: Plan,
        network: Network,
        data: Data,
        *,
        telemetry: Telemetry | None = None,
    ) -> None:
        self.start = start_of(plan, network, data, telemetry)
        self._recorder = CourseRecorder(self.start)
        self._data = data
        self._reported: dict[tuple[str, str | None], int] = {}  # and its gravity
        self._findings: list[Finding] = []

    def before_training(self, *, of_start: bool = True) -> list[Finding]:
        """Return the findings before the first update.

        Args:
            of_start: True: the training starts from first weights, so that these are diagnosed too.
        """
        return [*self._new(self.start.plan, 0), *(self._new(self.start, 0) if of_start else [])]

    def observe(self, event: Event) -> list[Finding]:
        """Record an event of the training and return the new findings.

        Chunks of steps are only recorded, and so are measurements that were not planned and most epochs. When the rules
        are applied depends on the training alone, not on the time it takes.
        """
        self._recorder.add(event)
        return self._new(self._recorder.course(), event.step) if _is_judged(event) else []

    def replay(self, events: Iterable[Event]) -> list[Finding]:
        """Record the events of a past training and return what they show as a whole.

        Findings among the events count as already reported.
        """
        for event in events:
            if isinstance(event, Finding):
                self.record(event)
            self._recorder.add(event)
        return self._new(self.course, self.course.steps)

    def record(self, finding: Finding) -> None:
        """Count a finding as reported: one on a layer also for the whole network, a divergence report also as its NaN."""
        self._findings.append(finding)
        gravity = _GRAVITY[finding.severity]
        keys = [(finding.code, finding.layer), (finding.code, None)]
        if "phase" in finding.evidence:  # of a divergence report
            keys.append(("nan", None))
        for key in keys:
            self._reported[key] = max(gravity, self._reported.get(key, 0))

    def set_rate(self, rate: float) -> None:
        """Use the learning rate now in force (before the schedule) in later findings."""
        plan = self.start.plan
        self.start = replace(self.start, plan=replace(plan, experiment=with_rate(plan.experiment, rate)))
        self._recorder.start = self.start

    def set_first_bad(self, bad: BadTensor | None) -> None:
        """Set the tensor that first held NaN; to be called before the `finished` event is observed."""
        self._recorder.bad = bad

    def after_training(self, network: Network) -> list[Finding]:
        """Return the findings on the trained network itself."""
        return self._new(self.result(network), self.course.steps)

    @property
    def course(self) -> Course:
        """The evidence so far."""
        return self._recorder.course()

    def result(self, network: Network) -> Result:
        """Return the evidence on the trained network."""
        return result_of(self.course, network, self._data)

    def _new(self, evidence: Evidence, step: int) -> list[Finding]:
        """Return findings that are new for their code and layer or more severe than before; symptoms name a cause."""
        new: list[Finding] = []
        for finding in diagnose(evidence, step=step):
            if _GRAVITY[finding.severity] > self._reported.get((finding.code, finding.layer), 0):
                self.record(finding)
                new.append(finding)
        named = [replace(finding, cause=cause_of(finding, self._findings)) for finding in new]
        return sorted(named, key=lambda finding: bool(finding.cause))
