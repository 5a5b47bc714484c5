"""The experiment: all settings of a run in one file, which is read, completed, checked and written here."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

from msgspec.structs import replace

from engine.data import DatasetInfo, describe, resolve_scale
from engine.data.spec import DataSpec
from engine.errors import DataError, ExperimentError, NntermError, Problem
from engine.experiment.checks import find_problems
from engine.experiment.completion import complete_tables
from engine.experiment.data_path import located
from engine.experiment.idle import find_missing_and_idle
from engine.experiment.overrides import apply_changes, parse_assignments
from engine.experiment.parsing import build_section, to_plain
from engine.experiment.quick import quick_tables
from engine.experiment.resolve import resolve_network
from engine.experiment.specs import CheckpointSpec, TrainingSpec
from engine.experiment.toml_reader import LARGEST_FILE, parse_toml
from engine.experiment.toml_writer import to_toml, write_toml
from engine.files.atomic import read_limited, reason_of
from engine.named import Count, Section
from engine.nn.specs import NetworkSpec


class Experiment(Section, frozen=True):
    """All settings of a run; `load`, `quick`, `from_toml` and `from_raw` return it checked, every "auto" resolved."""

    name: str = ""
    """Name of the run; empty: the dataset's name and a number."""
    seed: Count = 0
    """Seed of the weights and of the order of the samples."""
    force: bool = False
    """True to train despite problems that are forceable."""
    data: DataSpec = DataSpec()
    network: NetworkSpec = NetworkSpec()
    training: TrainingSpec = TrainingSpec()
    checkpoints: CheckpointSpec = CheckpointSpec()

    def __repr__(self) -> str:
        training, loss = self.training, self.network.loss
        parts = [
            *([repr(self.name)] if self.name else []),
            self.data.dataset or "no dataset",
            self.network.outline,
            *([loss.name] if loss else []),
            f"{training.optimizer.name} lr={training.optimizer.lr:g}",
            f"batch_size={training.batch_size}",
            f"epochs={training.epochs}",
            f"seed={self.seed}",
        ]
        return f"Experiment({', '.join(parts)})"

    @classmethod
    def load(
        cls, path: str | Path, overrides: Sequence[str] = (), options: Mapping[str, Any] | None = None
    ) -> Self:
        """Read an experiment file, complete it by the dataset's suggestions, resolve every "auto" and check the result.

        What the file leaves out is as in `quick`: layers, optimizer, epochs and batch size are those that the dataset
        suggests. A relative path to data is relative to the file's folder.

        Args:
            path: of the file.
            overrides: `KEY=VALUE` texts, laid over the file.
            options: `layers` and the options of `quick`, laid over the file before the overrides.

        Raises:
            ExperimentError: the file is missing, not TOML, or invalid. It holds all problems at once, an unknown or
                unreadable dataset included.
        """
        path = Path(path)
        try:
            content = read_limited(path, LARGEST_FILE, any_kind=True)
            text = content.decode("utf-8-sig")  # some editors write a byte-order mark
        except (OSError, UnicodeDecodeError) as error:
            reason = reason_of(error) if isinstance(error, OSError) else "not a text file"
            hint = "name an experiment file (.toml), or describe the network by --dataset and --layers"
            raise ExperimentError([Problem("", f"cannot read {path}: {reason}", hint)]) from None
        return cls.from_toml(text, source=str(path), overrides=overrides, folder=path.parent, options=options)

    @classmethod
    def from_toml(
        cls,
        text: str,
        source: str = "",
        overrides: Sequence[str] = (),
        folder: Path | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Self:
        """Return the experiment in TOML text, completed as by `load`; see there for the errors.

        Args:
            text: the content of an experiment file.
            source: name of the file in error messages.
            overrides: `KEY=VALUE` texts.
            folder: base of a relative path to data; None: the current folder.
            options: `layers` and the options of `quick`.
        """
        try:
            raw = parse_toml(text)
        except (ValueError, RecursionError) as error:  # TOMLDecodeError, too many digits, too deep nesting
            hint = "nnterm init FILE writes a valid file with a comment on every key"
            raise ExperimentError([Problem("", f"not valid TOML: {error}", hint)], source) from None
        given = dict(options or {})
        hidden = given.pop("layers", None)
        changes = parse_assignments(overrides)
        tables = complete_tables(raw, given, changes, hidden=hidden, folder=folder)
        return cls._checked(tables, source, folder, find_missing_and_idle(tables))

    @classmethod
    def from_raw(cls, raw: Mapping[str, Any], source: str = "", folder: Path | None = None) -> Self:
        """Return the experiment in plain tables, as `to_raw` returns it; other arguments and errors as in `from_toml`.

        What is missing gets the default of its section's class: nothing is completed by the dataset's suggestions.
        """
        return cls._checked(raw, source, folder)

    @classmethod
    def _checked(
        cls, raw: Mapping[str, Any], source: str, folder: Path | None, others: Sequence[Problem] = ()
    ) -> Self:
        """Return the experiment in plain tables; raise an error with its problems and the others."""
        experiment, found = _read(cls, raw, folder)
        if any(problem.key == "data.dataset" for problem in others):  # then no check against a dataset holds
            found = []
            build_section(cls, dict(raw), "", found)
        found += others
        fatal = [problem for problem in found if not (problem.forceable and raw.get("force") is True)]
        if fatal or experiment is None:
            raise ExperimentError(fatal, source)
        return experiment

    @classmethod
    def quick(cls, dataset: str, layers: Sequence[int] | None = None, **options: Any) -> Self:
        """Return a checked experiment from a few options; the dataset's suggestions complete it.

        Args:
            dataset: a registered name or a path.
            layers: units of the hidden layers; the output layer is added. None: as the dataset suggests.
            options: activation, init, loss, optimizer, lr, momentum, nesterov, weight_decay, batch_size, epochs, seed,
                name, force, backend, device, processes, threads, dtype, schedule, clip_norm, patience, validation,
                limit, task, target, scale; `overrides`, a list of `KEY=VALUE`. None counts as not given.

        Raises:
            DataError: the dataset is unknown or unreadable.
            ExperimentError: an option is unknown, or the experiment is invalid; it holds all problems at once.
        """
        changes = parse_assignments(options.pop("overrides", ()))
        raw = quick_tables(dataset, layers, options, changes)
        return cls._checked(raw, "", None, find_missing_and_idle(raw))

    def with_changes(self, changes: Mapping[str, Any]) -> Self:
        """Return a checked copy with dotted keys set to values, for example `{"training.optimizer.lr": 0.01}`.

        Raises:
            ExperimentError: a key does not exist, or the result is invalid.
        """
        return type(self).from_raw(apply_changes(self.to_raw(), changes))

    def to_raw(self) -> dict[str, Any]:
        """Return the experiment as plain tables (dicts, lists, numbers and strings), including defaults."""
        tables: dict[str, Any] = to_plain(self)
        if tables["data"]["noise"] == "auto":
            del tables["data"]["noise"]
        return tables

    def to_toml(self) -> str:
        """Return the experiment file, defaults written out."""
        return to_toml(self.to_raw())

    def save(self, path: str | Path) -> None:
        """Write the experiment file; whole or not at all.

        Raises:
            ExperimentError: the folder is missing, full or read-only.
        """
        write_toml(Path(path), self.to_raw())


E = TypeVar("E", bound=Experiment)


def problems(raw: Mapping[str, Any] | Experiment) -> list[Problem]:
    """Return all problems of an experiment or its plain tables, forceable ones included; never raises."""
    tables = raw.to_raw() if isinstance(raw, Experiment) else raw
    try:
        return _read(Experiment, tables, None)[1]
    except ExperimentError as error:
        return list(error.problems)
    except NntermError as error:
        return [Problem("", error.message, error.hint)]


def with_overrides(raw: Mapping[str, Any], overrides: Iterable[str]) -> dict[str, Any]:
    """Return a copy of plain tables with `KEY=VALUE` texts applied in order.

    Raises:
        ExperimentError: a text is not `KEY=VALUE`, or its key cannot be set.
    """
    return apply_changes(raw, parse_assignments(overrides))


def _read(kind: type[E], raw: Mapping[str, Any], folder: Path | None) -> tuple[E | None, list[Problem]]:
    """Return the resolved experiment (None if it cannot be built) and all problems."""
    found: list[Problem] = []
    experiment = build_section(kind, dict(raw), "", found)
    if experiment is None:
        return None, found + _problems_of_the_rest(raw, folder)
    info, data, problem = _describe(experiment.data, folder)
    if info is None:
        return None, [*found, problem] if problem else found
    network = resolve_network(experiment.network, info)
    data = replace(data, task=info.task, scale=resolve_scale(data, info))
    experiment = replace(experiment, data=data, network=network)
    return experiment, found + find_problems(network, experiment.training, experiment.data, info)


def _problems_of_the_rest(raw: Mapping[str, Any], folder: Path | None) -> list[Problem]:
    """Return further problems of the tables that could be read, so that a file's problems are reported at once."""
    data = build_section(DataSpec, raw.get("data", {}), "data", [])
    network = build_section(NetworkSpec, raw.get("network", {}), "network", [])
    training = build_section(TrainingSpec, raw.get("training", {}), "training", [])
    if data is None:
        return []
    info, data, problem = _describe(data, folder)
    if info is None or network is None:
        return [problem] if problem else []
    network = resolve_network(network, info)
    found = find_problems(network, training or TrainingSpec(), data, info)
    return [problem for problem in found if training or not problem.key.startswith("training.")]


def _describe(spec: DataSpec, folder: Path | None) -> tuple[DatasetInfo | None, DataSpec, Problem | None]:
    spec = located(spec, folder)
    try:
        return describe(spec), spec, None
    except DataError as error:
        return None, spec, Problem("data.dataset", f"data.dataset: {error.message}", error.hint)
