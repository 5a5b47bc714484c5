"""Gathers the doctor's evidence on a run: its events, its checkpoints, a probe of its newest weights."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from engine.doctor import Doctor, arrange, diagnose
from engine.doctor.gather import plan_of
from engine.doctor.postmortem import first_bad
from engine.doctor.telemetry import Telemetry
from engine.errors import CheckpointError
from engine.events import AnyEvent, Epoch, Event, Finding, Finished, Layers, Resumed, Started, Steps
from engine.nn.network import Network
from engine.runs.checkpoints import list_checkpoints
from engine.runs.digest import without_ending
from engine.runs.folder import Run
from engine.storage.weights import load_snapshot

if TYPE_CHECKING:
    from engine.data import Data
    from engine.experiment.experiment import Experiment

MOST_CHECKPOINTS = 12
"""That are measured where the run itself did not measure, spread evenly."""


def diagnose_run(run: Run) -> list[Finding]:
    """Return all findings on a run, causes before symptoms: those that it recorded and those of now.

    Raises:
        DataError: its data are gone or cannot be read.
        RunError: the folder is damaged.
    """
    experiment = run.experiment()
    events = counting(run.events())
    findings = [event for event in events if isinstance(event, Finding)]
    plan, data = plan_of(experiment)
    if data is None:
        return arrange([*findings, *diagnose(plan)])
    network = Network.of(experiment, data)
    doctor = Doctor(plan, network, data)
    is_fork = any(isinstance(event, Started) and event.parent for event in events)
    findings += (
        diagnose(plan) if is_fork else doctor.before_training()
    )  # a fork did not start from its experiment's first weights
    return arrange([*findings, *_of_course(run, experiment, data, doctor, events)])


def _of_course(
    run: Run, experiment: "Experiment", data: "Data", doctor: Doctor, events: list[AnyEvent]
) -> list[Finding]:
    """What the training and its newest weights show; nothing where there are no weights yet."""
    if not any(isinstance(event, Layers) for event in events):
        events = sorted([*events, *measured(run, experiment, data)], key=_place)
    trained = _newest_network(run)
    diverged = next((e for e in events if isinstance(e, Finished) and e.state == "diverged"), None)
    is_told = any(
        "phase" in event.evidence for event in events if isinstance(event, Finding)
    )  # by an autopsy
    if diverged is not None and trained is not None and not is_told:
        rate = experiment.training.optimizer.lr
        doctor.set_first_bad(first_bad(trained, data, experiment, diverged.step, rate))
    findings = doctor.replay(events)
    if trained is not None and doctor.course.epochs:
        findings += doctor.after_training(trained)
    return findings


def counting(events: Iterable[AnyEvent]) -> list[AnyEvent]:
    """Return the events that still count: those that a `resumed` event took back are left out."""
    kept: list[AnyEvent] = []
    for event in events:
        if isinstance(event, Resumed):
            step = event.step
            kept = [e for e in without_ending(kept) if e.step < step or _ends_at(e, step)]
        kept.append(event)
    return kept


def _ends_at(event: Event, step: int) -> bool:
    """Whether an event belongs to what was done up to a step; a chunk of steps that begins there does not."""
    return event.step == step and not isinstance(event, Steps)


def measured(run: Run, experiment: "Experiment", data: "Data") -> Iterator[Layers]:
    """Yield the layers' figures at the run's checkpoints; damaged ones are passed over."""
    found = list_checkpoints(run.path)
    every = max(1, -(-len(found) // MOST_CHECKPOINTS))
    telemetry: Telemetry | None = None
    for step, path in [*found[:-1:every], *found[-1:]]:
        try:
            snapshot = load_snapshot(path)
        except CheckpointError:
            continue
        telemetry = telemetry or Telemetry(snapshot.network, data, experiment.training)
        state = snapshot.optimizer_state or experiment.training.optimizer.start(snapshot.network.theta)
        rate = snapshot.learning_rate or experiment.training.optimizer.lr
        yield telemetry.measure(step, snapshot.network.state, state, rate)


def _place(event: Event) -> tuple[int, bool]:
    """By steps; a last word comes last."""
    step = event.step + event.count if isinstance(event, Steps) else event.step
    return step, isinstance(event, Epoch | Finished)


def _newest_network(run: Run) -> Network | None:
    try:
        return run.network()
    except CheckpointError:
        return None
