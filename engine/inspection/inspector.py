"""A run opened for views: its moments, its weights at each of them, its data; expensive results are cached."""

import contextlib
from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from engine.data import Data, load_data
from engine.errors import CheckpointError, NntermError
from engine.experiment.experiment import Experiment
from engine.inspection.baseline import Baseline, read_baseline, train_baseline, write_baseline
from engine.inspection.epoch_losses import LossReader
from engine.inspection.messages import Answer, At, InspectedRun, Moment, UnfitError, Unseen
from engine.inspection.moments import Moments
from engine.inspection.registry import find_view
from engine.inspection.snapshot import NetworkSnapshot
from engine.nn.network import Network
from engine.runs import Run
from engine.storage.weights import load_snapshot
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
        self._moments = Moments(run)
        self._losses = LossReader(run.path)
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
        return self._moments.every(status)

    def find(self, at: At) -> Moment:
        """Return the moment that `at` names.

        Raises:
            CheckpointError: there is no such moment.
        """
        return self._moments.find(at)

    # views

    def token(self, moment: Moment) -> str:
        """Return an identifier of a moment's weights; it also changes when the baseline becomes available."""
        return f"{moment.kind} {moment.step} {self._moments.stamp(moment)} {self._baseline is not None:d}"

    def snapshot(self, at: At | Moment) -> NetworkSnapshot:
        """Return the network at a moment, with its data; the snapshot's own moment is that of the weights actually read.

        Raises:
            CheckpointError: there is no such moment, or its file is damaged.
        """
        moment = at if isinstance(at, Moment) else self.find(at)
        key = (moment.step, self._moments.stamp(moment))
        if key not in self._snapshots:
            network, moment = self._network(moment)
            self._snapshots[key] = NetworkSnapshot(
                network,
                self.experiment,
                moment,
                self._load,
                lambda: self._baseline,
                self._over_time,
                self._losses.read,
            )
            while len(self._snapshots) > MOST_SNAPSHOTS:
                self._snapshots.popitem(last=False)
        self._snapshots.move_to_end(key)
        return self._snapshots[key]

    @np.errstate(
        over="ignore", invalid="ignore", divide="ignore"
    )  # huge weights: the views say what is not finite
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

    def _network(self, moment: Moment) -> tuple[Network, Moment]:
        """Return the network at a moment and the moment itself; live weights may be newer than requested."""
        path = self._moments.path(moment)
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
