"""The diagnosis of a run, from its events, its checkpoints and a probe of its newest weights."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from engine.doctor import Doctor, arrange, diagnose
from engine.doctor.gather import plan_of
from engine.doctor.postmortem import first_bad
from engine.doctor.telemetry import Telemetry
from engine.errors import CheckpointError, RunError
from engine.events import AnyEvent, Epoch, Event, Finding, Finished, Layers, Resumed, Started, Steps
from engine.nn.network import Network
from engine.runs.checkpoints import list_checkpoints
from engine.runs.digest import without_ending
from engine.runs.folder import Run
from engine.runs.log import FILE_NAME
from engine.storage.weights import load_snapshot
from engine.training.network_check import computes_the_same, refuse_other_data

if TYPE_CHECKING:
    from engine.data import Data
    from engine.experiment.experiment import Experiment

MOST_CHECKPOINTS = 12
"""Maximum number of checkpoints, evenly spread, that are measured if the run has no `layers` events."""


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def diagnose_run(run: Run) -> list[Finding]:
    """Return all findings on a run, causes before symptoms: those that it recorded, and new ones.

    Raises:
        DataError: its data are missing or cannot be read.
        RunError: the folder is damaged.
    """
    experiment = run.experiment()
    events = events_that_count(run.events())
    _refuse_without_record(run, events)
    findings = [event for event in events if isinstance(event, Finding)]
    plan, data = plan_of(experiment)
    if data is None:
        return arrange([*findings, *diagnose(plan)])
    network = Network.of(experiment, data)
    events = [event for event in events if not isinstance(event, Layers) or _is_of(network, event)]
    doctor = Doctor(plan, network, data)
    is_fork = any(isinstance(event, Started) and event.parent for event in events)
    # a fork did not start from its experiment's initial weights
    findings += diagnose(plan) if is_fork else doctor.before_training()
    return arrange([*findings, *_findings_of_training(run, experiment, data, doctor, events)])


def _findings_of_training(
    run: Run, experiment: "Experiment", data: "Data", doctor: Doctor, events: list[AnyEvent]
) -> list[Finding]:
    """Return the findings on the training and its newest weights; none if there are no weights yet."""
    trained = _newest_network(run)
    if trained is not None:
        refuse_other_data(trained, data)
    if not any(isinstance(event, Layers) for event in events):
        events = sorted([*events, *layer_measurements(run, experiment, data)], key=_order)
    diverged = next((e for e in events if isinstance(e, Finished) and e.state == "diverged"), None)
    # true if the worker's divergence report is among the findings
    is_explained = any("phase" in event.evidence for event in events if isinstance(event, Finding))
    if diverged is not None and trained is not None and not is_explained:
        rate = experiment.training.optimizer.lr
        doctor.set_first_bad(first_bad(trained, data, experiment, diverged.step, rate))
    findings = doctor.replay(events)
    if trained is not None and doctor.course.epochs:
        findings += doctor.after_training(trained)
    return findings


def _refuse_without_record(run: Run, events: list[AnyEvent]) -> None:
    """Raise a RunError if a run has trained and its events tell nothing of it: it would look sound."""
    if any(isinstance(event, Steps | Epoch | Finished) for event in events):
        return
    try:
        trained = run.status().step > run.status().parent_step
    except RunError:  # damaged
        trained = True
    if trained and list_checkpoints(run.path):
        raise RunError(
            f"{run.path / FILE_NAME} does not tell of the training: there is nothing to judge {run.name} by",
            f"its weights can be judged: nnterm evaluate {run.name}, or nnterm check --run {run.name}",
        )


def events_that_count(events: Iterable[AnyEvent]) -> list[AnyEvent]:
    """Return the events without those that a `resumed` event rolled back."""
    kept: list[AnyEvent] = []
    for event in events:
        if isinstance(event, Resumed):
            step = event.step
            kept = [e for e in without_ending(kept) if e.step < step or _ends_at(e, step)]
        kept.append(event)
    return kept


def _is_of(network: Network, event: Layers) -> bool:
    """Return True if an event measured the layers of this network, and not those of another run."""
    return [seen.name for seen in event.layers] == [
        layer.name for layer in network.layers if layer.n_parameters
    ]


def _ends_at(event: Event, step: int) -> bool:
    """Return True if an event at `step` belongs to the updates before it, as a chunk of steps from there does not."""
    return event.step == step and not isinstance(event, Steps)


def layer_measurements(run: Run, experiment: "Experiment", data: "Data") -> Iterator[Layers]:
    """Yield the layer statistics at the run's checkpoints; damaged ones are skipped."""
    found = list_checkpoints(run.path)
    every = max(1, -(-len(found) // MOST_CHECKPOINTS))
    telemetry: Telemetry | None = None
    for step, path in [*found[:-1:every], *found[-1:]]:
        try:
            snapshot = load_snapshot(path)
        except CheckpointError:
            continue
        if not computes_the_same(snapshot.network.spec, experiment.network):
            continue
        telemetry = telemetry or Telemetry(snapshot.network, data, experiment.training, every=1)
        state = snapshot.optimizer_state or experiment.training.optimizer.start(snapshot.network.theta)
        rate = snapshot.learning_rate or experiment.training.optimizer.lr
        yield telemetry.measure(step, snapshot.network.state, state, rate)


def _order(event: Event) -> tuple[int, bool]:
    """Return a sort key: by step, with epochs and the end of the training last."""
    step = event.step + event.count if isinstance(event, Steps) else event.step
    return step, isinstance(event, Epoch | Finished)


def _newest_network(run: Run) -> Network | None:
    try:
        return run.network()
    except CheckpointError:
        return None
