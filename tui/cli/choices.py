"""The names that an option takes, read from the registries, so that help and completion show a new member by itself."""

import contextlib
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from typing import Any, get_args


def _registry(home: str) -> list[str]:
    """Return the names in the mapping or sequence at "module:name"."""
    module, _, name = home.partition(":")
    return [str(key) for key in getattr(import_module(module), name)]


def _allowed(home: str, field: str) -> list[str]:
    """Return the values that a field of the section "module:class" may have."""
    from engine.experiment.parsing import field_types

    module, _, name = home.partition(":")
    return list(get_args(field_types(getattr(import_module(module), name))[field]))


def _codes() -> list[str]:
    from engine.doctor.rule import all_rules

    return sorted({rule.code for rule in all_rules()})


def _literal(home: str) -> list[str]:
    """Return the values of the `Literal` at "module:name"."""
    module, _, name = home.partition(":")
    return list(get_args(getattr(import_module(module), name)))


def _themes() -> list[str]:
    from tui.theme.choice import AUTO

    return [*_registry("tui.theme.themes:THEMES"), AUTO]


_TRAINING = "engine.experiment.specs:TrainingSpec"
CHOICES: dict[str, Callable[[], Iterable[str]]] = {
    "activations": partial(_registry, "engine.nn.activations:ACTIVATIONS"),
    "initialisers": partial(_registry, "engine.nn.initializers:INITIALIZERS"),
    "losses": partial(_registry, "engine.nn.losses:LOSSES"),
    "optimizers": partial(_registry, "engine.optim.optimizers:OPTIMIZERS"),
    "schedules": partial(_registry, "engine.optim.schedules:SCHEDULES"),
    "datasets": partial(_registry, "engine.data.registry:DATASETS"),
    "tasks": partial(_allowed, "engine.data.spec:DataSpec", "task"),
    "backends": partial(_allowed, _TRAINING, "backend"),
    "dtypes": partial(_allowed, _TRAINING, "dtype"),
    "devices": partial(_registry, "engine.experiment.checks:DEVICES"),
    "bugs": partial(_registry, "engine.gradcheck.planted:PLANTED"),
    "codes": _codes,
    "trials": partial(_registry, "engine.trials.registry:TRIALS"),
    "cases": partial(_registry, "engine.bench.cases:CASES"),
    "rivals": partial(_registry, "engine.bench.run:RIVALS"),
    "columns": partial(_registry, "tui.words.run_columns:BY_KEY"),
    "fields": partial(_registry, "engine.runs.query:FIELDS"),
    "states": partial(_literal, "engine.runs.status:RunState"),
    "splits": partial(_literal, "engine.inspection.snapshot:SplitName"),
    "shells": partial(_registry, "tui.cli.completion.scripts:SCRIPTS"),
    "themes": _themes,
}
"""The names of each kind. A help text has `{activations}` in their place, and `{default}` in that of the default."""


def choices(kind: str) -> list[str]:
    """Return the names of a kind, in the order of its registry; the user's own members come last."""
    load_own_members()
    return list(CHOICES[kind]())


def load_own_members() -> None:
    """Import the user's own members; a broken module is no reason to show no help and complete no words."""
    from engine.errors import NntermError
    from engine.plugins import load_plugins

    with contextlib.suppress(NntermError):
        load_plugins()


def checked(option: str, given: str, kind: str) -> str:
    """Return `given` if it is of the kind.

    Raises:
        NntermError: it is not; the hint names the nearest.
    """
    from engine.errors import NntermError, did_you_mean

    known = choices(kind)
    if given not in known:
        raise NntermError(f'{option} = "{given}" is not one of its values', did_you_mean(given, known))
    return given


def default_of(option: str) -> str:
    """Return what an option of an experiment is where neither file nor dataset says otherwise."""
    from engine.experiment.experiment import Experiment
    from engine.experiment.options import OPTION_KEYS

    value: Any = Experiment()
    for part in OPTION_KEYS[option].split("."):
        value = getattr(value, part, None)
    if value is None:
        return "auto"
    return str(getattr(value, "name", f"{value:g}" if isinstance(value, float) else value))
