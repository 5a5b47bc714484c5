"""`Run`: the folder of one training, with everything that a reader or a controller of it needs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from engine.errors import CheckpointError, RunError
from engine.events import AnyEvent
from engine.runs import checkpoints, commands, log
from engine.runs.creation import ForkOrigin, create_folder
from engine.runs.experiment_file import read_experiment, recover_experiment
from engine.runs.find import find_run
from engine.runs.follow import Follower
from engine.runs.names import RUNS_FOLDER, default_home
from engine.runs.status import Status, true_status

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment
    from engine.nn.network import Network
    from engine.training.curves import Curves

LOG_NAME = "worker.log"
LOCK_NAME = "worker.lock"


class Run:
    """The folder of a run. Holds only its path, and keeps no file open.

    Args:
        path: the folder; `open` and `create` take a name instead.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).absolute()

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @property
    def name(self) -> str:
        """Name of the run: that of its folder."""
        return self.path.name

    @classmethod
    def open(cls, name: str, home: str | Path | None = None) -> Self:
        """Return the run called `name`, or the one in the folder that `name` is the path of.

        A path has a separator, starts with "~", or is "." or ".."; symbolic links in it are resolved.

        Args:
            home: the home of a run given by name; None: the default one.

        Raises:
            RunError: there is no such run, `name` is not a valid name, or the folder is not that of a run.
        """
        return cls(find_run(name, home))

    @property
    def home(self) -> Path | None:
        """The home that the run belongs to; None if its folder lies outside of a folder `runs`."""
        return self.path.parent.parent if self.path.parent.name == RUNS_FOLDER else None

    @property
    def address(self) -> str:
        """The run as a command in a shell names it: its name in the default home, else its folder, quoted."""
        import shlex

        is_default = self.home is not None and self.home.resolve() == default_home().resolve()
        return self.name if is_default else shlex.quote(str(self.path))

    @classmethod
    def create(
        cls,
        experiment: "Experiment",
        home: str | Path | None = None,
        name: str | None = None,
        origin: ForkOrigin | None = None,
        fill: Callable[[Path], None] = lambda folder: None,
        *,
        measure: bool = False,
    ) -> Self:
        """Create the folder of a new run, readable by its owner alone, whole or not at all.

        Args:
            name: None: the experiment's name or, without one, that of its dataset with a number. Of a name that is
                taken, the next free number is used: `net-2` after `net`, `net-3` after `net-2`.
            origin: the checkpoint that the run is forked from.
            fill: writes more files into the folder before it gets its name.
            measure: True if the worker is to measure the layers and run the doctor from the first step on.

        Raises:
            ExperimentError: the experiment is invalid, or its data are missing.
            RunError: the name is invalid, or the home cannot be written.
        """
        return cls(create_folder(experiment, home, name, origin, fill, measure=measure))

    def experiment(self) -> "Experiment":
        """Return the experiment; its data may be missing.

        Where `experiment.toml` is missing or damaged, the experiment recorded in the events or in the weights is
        returned.

        Raises:
            RunError: it cannot be read from any of them.
        """
        try:
            return self.read_experiment()
        except RunError:
            experiment = recover_experiment(self.path)
            if experiment is None:
                raise
            return experiment

    def read_experiment(self) -> "Experiment":
        """Return the experiment from `experiment.toml` alone.

        Raises:
            RunError: the file is missing or damaged.
        """
        return read_experiment(self.path)

    def status(self) -> Status:
        """Return the status of the run; its state is "lost" if the worker has vanished without writing a final one.

        Raises:
            RunError: `status.json` is missing or damaged.
        """
        return true_status(self.path)

    def follow(self, offset: int = 0, *, brief: bool = False) -> Follower:
        """Return a follower that yields all past events, then new ones.

        Args:
            offset: bytes of `events.jsonl` to skip.
            brief: read the past of a long run from its digest, with losses in groups.
        """
        return Follower(self.path / log.FILE_NAME, offset, brief=brief)

    def events(self, *, brief: bool = False) -> Iterator[AnyEvent]:
        """Yield all past events, without those that a resume rolled back; skips damaged lines and unknown types.

        Args:
            brief: as for `follow`.
        """
        follower = self.follow(brief=brief)
        while follower.has_more:
            offset = follower.offset
            yield from follower.poll()
            if follower.offset == offset:  # the rest is an incomplete line
                return

    def curves(self, every: Literal["epoch", "step"] = "epoch") -> "Curves":
        """Return the run's figures as NumPy arrays of one length, by name: `validation_loss` by `epoch`, and more.

        Args:
            every: "epoch", or "step" for the loss of each update; see `engine.curves`.
        """
        from engine.training.curves import curves

        return curves(self.events(), every)

    def command(self, command: str, key: str | None = None, value: object = None) -> None:
        """Send a request to the worker, which answers it between two updates with a `command` event.

        Args:
            command: "pause", "resume", "step", "stop", "checkpoint", "set" (a key to a value), "measure" (the layers,
                with the doctor: value True or False), or "pace" (value: steps per second, None for full speed).

        Raises:
            RunError: there is no such command, or the folder cannot be written.
        """
        commands.append_command(self.path / commands.FILE_NAME, command, key, value)

    def network(self) -> "Network":
        """Return a network with the newest readable weights: the live ones, else those of a checkpoint.

        Raises:
            CheckpointError: there are no weights, or all files are damaged.
        """
        from engine.storage.weights import load_network

        failure: CheckpointError | None = None
        for path in self.weights():
            try:
                return self._own(path, load_network(path)[0])
            except CheckpointError as error:
                failure = failure or error
        raise failure or CheckpointError(
            f"{self.name} has no weights yet", "wait until its training has started"
        )

    def _own(self, path: Path, network: "Network") -> "Network":
        """Return `network`; CheckpointError if the run's experiment describes another one."""
        from engine.training.network_check import computes_the_same

        if not computes_the_same(network.spec, self.experiment().network):
            raise CheckpointError(f"{path} belongs to another network", "take an earlier checkpoint")
        return network

    def weights(self) -> list[Path]:
        """Return the files with weights, newest first: the live ones, then the checkpoints."""
        return checkpoints.weight_files(self.path)
