"""Opens a run for views: its moments, its weights at each of them, its data; what is costly is kept."""

import contextlib
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from engine.data import Data, load_data
from engine.errors import CheckpointError, NntermError, did_you_mean
from engine.experiment.experiment import Experiment
from engine.inspection.baseline import Baseline, keep_baseline, read_baseline, train_baseline
from engine.inspection.messages import Answer, At, InspectedRun, Moment, UnfitError, Unseen
from engine.inspection.registry import VIEWS
from engine.inspection.snapshot import NetworkSnapshot
from engine.nn.network import Network
from engine.runs import Run, kept_checkpoints
from engine.runs.checkpoints import FOLDER_NAME, LIVE_NAME, checkpoint_path
from engine.runs.fork import CheckpointInfo
from engine.storage.weights import load_snapshot, read_position

if TYPE_CHECKING:
    from engine.runs import Status

KEPT_LOOKS = 12
"""Moments whose network and judgements are kept, so that going back and forth is quick."""
MOMENTS_ACROSS = 4
"""Moments, the first and the newest among them, over which axes reach that stay while time goes on."""


class Inspector:
    """Looks into one run. For one thread.

    Raises:
        RunError: there is no such run, or its experiment is damaged.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.experiment: Experiment = run.experiment()
        self._data: Data | UnfitError | None = None
        self._baseline: Baseline | None = read_baseline(run.path, self.experiment)
        self._asked_baseline = False
        self._kept_at: tuple[int, bool] | None = None
        self._kept_ones: list[CheckpointInfo] = []
        self._looks: OrderedDict[tuple[int, int], NetworkSnapshot] = OrderedDict()

    # what there is

    def subject(self) -> InspectedRun:
        """Return what is looked into, and the moments that there are."""
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
        """Return the moments whose weights are known, in the order of steps."""
        status = status or self.run.status()
        kept = self._kept(status.is_over)
        moments = [
            Moment(one.step, one.epoch, "checkpoint", one.is_best, validation_loss=one.validation_loss)
            for one in kept
            if one.step
        ]
        if not status.parent_step:
            moments.insert(0, Moment(0, 0, "first"))
        live = self._live()
        if live is not None and live.step > max((moment.step for moment in moments), default=-1):
            moments.append(live)
        if moments:
            moments[-1] = msgspec.structs.replace(moments[-1], is_last=True)
        return tuple(moments)

    def _kept(self, is_over: bool) -> list[CheckpointInfo]:
        """The checkpoints; looked for anew where the folder has changed, or the run is over since."""
        try:
            changed = (self.run.path / FOLDER_NAME).stat().st_mtime_ns
        except OSError:
            changed = 0
        if self._kept_at != (changed, is_over):
            self._kept_at, self._kept_ones = (changed, is_over), kept_checkpoints(self.run)
        return self._kept_ones

    def _live(self) -> Moment | None:
        """The newest weights, None where they cannot be read or are those of a checkpoint."""
        try:
            position = read_position(self.run.path / LIVE_NAME)
        except CheckpointError:
            return None
        return Moment(position.step, position.epoch, "live") if position is not None else None

    def find(self, at: At) -> Moment:
        """Return the moment that `at` names.

        Raises:
            CheckpointError: there is none.
        """
        moments = self.moments()
        kept = [moment for moment in moments if moment.kind == "checkpoint"]
        if at == "newest" and moments:
            return moments[-1]
        if at == "last" and kept:
            return kept[-1]
        if at == "best" and kept:
            return next((moment for moment in kept if moment.is_best), kept[-1])
        found = next((moment for moment in moments if moment.step == at), None)
        if found is not None:
            return found
        steps = ", ".join(f"{moment.step:,}" for moment in moments) or "none yet"
        what = f"weights at step {at:,}" if isinstance(at, int) else "checkpoint yet"
        raise CheckpointError(
            f"{self.run.name} has no {what}", f"steps with weights: {steps}; or best, or last"
        )

    # what it shows

    def token(self, moment: Moment) -> str:
        """Return what tells the weights of a moment from others, and changes when more is known of the run."""
        return f"{moment.kind} {moment.step} {self._stamp(moment)} {self._baseline is not None:d}"

    def look(self, at: At | Moment) -> NetworkSnapshot:
        """Return the network at a moment, with its data; the look's own moment says when its weights are really of.

        Raises:
            CheckpointError: there is no such moment, or its file is damaged.
        """
        moment = at if isinstance(at, Moment) else self.find(at)
        key = (moment.step, self._stamp(moment))
        if key not in self._looks:
            network, moment = self._network(moment)
            self._looks[key] = NetworkSnapshot(
                network, self.experiment, moment, self._load, lambda: self._baseline, self._across
            )
            while len(self._looks) > KEPT_LOOKS:
                self._looks.popitem(last=False)
        self._looks.move_to_end(key)
        return self._looks[key]

    def show(
        self, view: str, at: At | Moment, options: dict[str, Any] | None = None
    ) -> tuple[Moment, Answer | Unseen]:
        """Return a view of the run at a moment; where it has nothing to show, why.

        Raises:
            NntermError: there is no such view or moment, or an option is wrong.
        """
        if view not in VIEWS:
            raise NntermError(f'"{view}" is not a view', did_you_mean(view, VIEWS))
        entry = VIEWS[view]
        try:
            chosen = msgspec.convert(options or {}, entry.options)
        except msgspec.ValidationError as error:
            raise NntermError(f"{view}: {error}") from None
        look = self.look(at)
        try:
            return look.moment, entry.show(look, chosen)
        except UnfitError as reason:
            return look.moment, Unseen(view, reason.message)

    def _across(self) -> list[NetworkSnapshot]:
        """Looks at a few moments of the training from the first to the newest; those that cannot be read are left out."""
        moments = self.moments()
        places = {round((len(moments) - 1) * i / (MOMENTS_ACROSS - 1)) for i in range(MOMENTS_ACROSS)}
        looks = []
        for moment in (moments[place] for place in sorted(places) if moments):
            with contextlib.suppress(NntermError):
                looks.append(self.look(moment))
        return looks

    def _stamp(self, moment: Moment) -> int:
        """Changes when the file does."""
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
        """The network at a moment; of live weights, which may have been replaced meanwhile, when they are of."""
        path = self._path(moment)
        if path is None:
            experiment = self.experiment
            shape, dtype = self._input_shape(), experiment.training.dtype
            return Network(experiment.network, shape, experiment.seed, dtype), moment
        snapshot = load_snapshot(path)
        position = snapshot.position
        if moment.kind == "live" and position is not None:
            moment = msgspec.structs.replace(moment, step=position.step, epoch=position.epoch)
        return snapshot.network, moment

    def _input_shape(self) -> tuple[int, ...]:
        """The shape of the input: of the data, or else as any kept weights say."""
        data = self.try_data()
        if not isinstance(data, UnfitError):
            return data.input_shape
        return self.run.network().input_shape

    # data and baseline

    def try_data(self) -> "Data | UnfitError":
        """Return the run's data, or why there are none."""
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
        """Whether it is worth training one: there are data, and none is kept yet."""
        return (
            self._baseline is None
            and not self._asked_baseline
            and not isinstance(self.try_data(), UnfitError)
        )

    def make_baseline(self) -> Iterator[None]:
        """Train the baseline, a tenth of a second at a time; it is known when the iterator has ended."""
        self._asked_baseline = True
        try:
            for baseline in train_baseline(self.experiment, self._load()):
                if baseline is not None:
                    self._baseline = baseline
                    keep_baseline(self.run.path, baseline)
                yield
        except NntermError:  # the data do for weights, but not for a training
            return
