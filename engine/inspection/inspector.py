"""A run opened for views: its moments, its weights at each of them, its data; expensive results are cached."""

import contextlib
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from engine.data import Data, load_data
from engine.errors import CheckpointError, NntermError
from engine.experiment.experiment import Experiment
from engine.inspection.baseline import Baseline, read_baseline, train_baseline, write_baseline
from engine.inspection.messages import Answer, At, InspectedRun, Moment, UnfitError, Unseen
from engine.inspection.registry import find_view
from engine.inspection.snapshot import NetworkSnapshot
from engine.nn.network import Network
from engine.runs import Run, kept_checkpoints
from engine.runs.checkpoints import FOLDER_NAME, LIVE_NAME, checkpoint_path
from engine.runs.fork import CheckpointInfo
from engine.storage.weights import load_snapshot, read_position
from engine.training.network_check import computes_the_same, refuse_other_data

if TYPE_CHECKING:
    from engine.runs import Status

MOST_SNAPSHOTS = 12
"""Moments whose network and predictions are cached, so that moving back and forth is fast."""
MOMENTS_OVER_TIME = 4
"""Moments, the first and the newest included, whose values an axis that is fixed over time must contain."""


class Inspector:
    """Views of one run. For one thread.

    Args:
        run: the run to inspect.

    Raises:
        RunError: there is no such run, or its experiment is damaged.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.experiment: Experiment = run.experiment()
        self._data: Data | UnfitError | None = None
        self._baseline: Baseline | None = read_baseline(run.path, self.experiment)
        self._baseline_requested = False
        self._checkpoints_read_at: tuple[int, bool] | None = None
        self._known_checkpoints: list[CheckpointInfo] = []
        self._snapshots: OrderedDict[tuple[int, int], NetworkSnapshot] = OrderedDict()

    # run and moments

    def subject(self) -> InspectedRun:
        """Return a description of the run, with its moments."""
        status = self.run.status()
        data = self.try_data()
        subject = InspectedRun(
            run=self.run.name,
            state=status.state,
            is_over=status.is_over,
            dataset=self.experiment.data.dataset,
            moments=self.moments(status),
        )
        if isinstance(data, UnfitError):
            return msgspec.structs.replace(subject, trouble=data.message)
        sizes = ((name, len(getattr(data, name))) for name in ("train", "validation", "test"))
        return msgspec.structs.replace(
            subject,
            kind=data.info.kind,
            task=data.task,
            splits=tuple((name, size) for name, size in sizes if size),
            class_names=data.class_names[:100],
        )

    def moments(self, status: "Status | None" = None) -> tuple[Moment, ...]:
        """Return the moments whose weights are available, ordered by step."""
        status = status or self.run.status()
        checkpoints = self._checkpoints(status.is_over)
        moments = [
            Moment(
                checkpoint.step,
                checkpoint.epoch,
                "checkpoint",
                checkpoint.is_best,
                validation_loss=checkpoint.validation_loss,
            )
            for checkpoint in checkpoints
            if checkpoint.step
        ]
        if not status.parent_step:
            moments.insert(0, Moment(0, 0, "first"))
        live = self._live()
        if live is not None and live.step > max((moment.step for moment in moments), default=-1):
            moments.append(live)
        if moments:
            moments[-1] = msgspec.structs.replace(moments[-1], is_last=True)
        return tuple(moments)

    def _checkpoints(self, is_over: bool) -> list[CheckpointInfo]:
        """Return the checkpoints; read again if the folder has changed or the run has ended."""
        try:
            changed = (self.run.path / FOLDER_NAME).stat().st_mtime_ns
        except OSError:
            changed = 0
        if self._checkpoints_read_at != (changed, is_over):
            self._checkpoints_read_at, self._known_checkpoints = (
                (changed, is_over),
                kept_checkpoints(self.run),
            )
        return self._known_checkpoints

    def _live(self) -> Moment | None:
        """Return the newest weights' moment, None if they cannot be read."""
        try:
            position = read_position(self.run.path / LIVE_NAME)
        except CheckpointError:
            return None
        return Moment(position.step, position.epoch, "live") if position is not None else None

    def find(self, at: At) -> Moment:
        """Return the moment that `at` names.

        Raises:
            CheckpointError: there is no such moment.
        """
        moments = self.moments()
        checkpoints = [moment for moment in moments if moment.kind == "checkpoint"]
        if at == "newest" and moments:
            return moments[-1]
        if at == "last" and checkpoints:
            return checkpoints[-1]
        if at == "best" and checkpoints:
            return next((moment for moment in checkpoints if moment.is_best), checkpoints[-1])
        found = next((moment for moment in moments if moment.step == at), None)
        if found is not None:
            return found
        steps = ", ".join(f"{moment.step:,}" for moment in moments) or "none yet"
        what = f"weights at step {at:,}" if isinstance(at, int) else "checkpoint yet"
        raise CheckpointError(
            f"{self.run.name} has no {what}", f"steps with weights: {steps}; or best, or last"
        )

    # views

    def token(self, moment: Moment) -> str:
        """Return an identifier of a moment's weights; it also changes when the baseline becomes available."""
        return f"{moment.kind} {moment.step} {self._stamp(moment)} {self._baseline is not None:d}"

    def snapshot(self, at: At | Moment) -> NetworkSnapshot:
        """Return the network at a moment, with its data; the snapshot's own moment is that of the weights actually read.

        Raises:
            CheckpointError: there is no such moment, or its file is damaged.
        """
        moment = at if isinstance(at, Moment) else self.find(at)
        key = (moment.step, self._stamp(moment))
        if key not in self._snapshots:
            network, moment = self._network(moment)
            self._snapshots[key] = NetworkSnapshot(
                network, self.experiment, moment, self._load, lambda: self._baseline, self._over_time
            )
            while len(self._snapshots) > MOST_SNAPSHOTS:
                self._snapshots.popitem(last=False)
        self._snapshots.move_to_end(key)
        return self._snapshots[key]

    def show(
        self, view: str, at: At | Moment, options: dict[str, Any] | None = None
    ) -> tuple[Moment, Answer | Unseen]:
        """Return a view of the run at a moment, or the reason why it has nothing to show.

        Raises:
            NntermError: there is no such view or moment, or an option is wrong.
        """
        entry = find_view(view)
        try:
            chosen = msgspec.convert(options or {}, entry.options)
        except msgspec.ValidationError as error:
            raise NntermError(f"{view}: {error}") from None
        snapshot = self.snapshot(at)
        try:
            return snapshot.moment, entry.show(snapshot, chosen)
        except UnfitError as reason:
            return snapshot.moment, Unseen(view, reason.message)

    def _over_time(self) -> list[NetworkSnapshot]:
        """Return snapshots at a few moments from the first to the newest; moments that cannot be read are omitted."""
        moments = self.moments()
        places = {round((len(moments) - 1) * i / (MOMENTS_OVER_TIME - 1)) for i in range(MOMENTS_OVER_TIME)}
        snapshots = []
        for moment in (moments[place] for place in sorted(places) if moments):
            with contextlib.suppress(NntermError):
                snapshots.append(self.snapshot(moment))
        return snapshots

    def _stamp(self, moment: Moment) -> int:
        """Return a number that changes when the moment's file changes."""
        path = self._path(moment)
        try:
            return path.stat().st_mtime_ns if path is not None else 0
        except OSError:
            return 0

    def _path(self, moment: Moment) -> Path | None:
        if moment.kind == "first":
            return None
        return (
            self.run.path / LIVE_NAME
            if moment.kind == "live"
            else checkpoint_path(self.run.path, moment.step)
        )

    def _network(self, moment: Moment) -> tuple[Network, Moment]:
        """Return the network at a moment and the moment itself; live weights may be newer than requested."""
        path = self._path(moment)
        if path is None:
            experiment = self.experiment
            shape, dtype = self._input_shape(), experiment.training.dtype
            return Network(experiment.network, shape, experiment.seed, dtype), moment
        stored = load_snapshot(path)
        if not computes_the_same(stored.network.spec, self.experiment.network):
            raise CheckpointError(f"{path} belongs to another network", "take another checkpoint")
        data = self.try_data()
        if not isinstance(data, UnfitError):
            refuse_other_data(stored.network, data)
        stored.network.input_range = None  # views go beyond the data's range on purpose
        position = stored.position
        if moment.kind == "live" and position is not None:
            moment = msgspec.structs.replace(moment, step=position.step, epoch=position.epoch)
        return stored.network, moment

    def _input_shape(self) -> tuple[int, ...]:
        """Return the input shape: that of the data, or else that of any stored weights."""
        data = self.try_data()
        if not isinstance(data, UnfitError):
            return data.input_shape
        return self.run.network().input_shape

    # data and baseline

    def try_data(self) -> "Data | UnfitError":
        """Return the run's data, or the error if they cannot be read."""
        if self._data is None:
            try:
                self._data = load_data(self.experiment.data)
            except NntermError as error:
                self._data = UnfitError(f"the data cannot be read: {error.message}", error.hint)
        return self._data

    def _load(self) -> Data:
        data = self.try_data()
        if isinstance(data, UnfitError):
            raise data
        return data

    @property
    def lacks_baseline(self) -> bool:
        """True if a baseline is to be trained: data are available and no baseline is stored."""
        return (
            self._baseline is None
            and not self._baseline_requested
            and not isinstance(self.try_data(), UnfitError)
        )

    def make_baseline(self) -> Iterator[None]:
        """Train the baseline in steps of about 0.1 s; it is available when the iterator has ended."""
        self._baseline_requested = True
        try:
            for baseline in train_baseline(self.experiment, self._load()):
                if baseline is not None:
                    self._baseline = baseline
                    write_baseline(self.run.path, baseline)
                yield
        except NntermError:  # data that suit the weights, but not a training
            return
