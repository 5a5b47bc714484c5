"""The experiment file with a comment on every key: what it means, which values it takes, and its default."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.experiment.experiment import Experiment
from engine.experiment.parsing import to_plain
from engine.experiment.reference import (
    FAMILIES,
    Setting,
    Table,
    default_words,
    layer_tables,
    member_tables,
    settings_of,
    tables,
)
from engine.experiment.toml_writer import toml_value

WIDTH = 100
"""Columns of a comment."""
OPENING = (
    "An experiment: all that a training depends on. A key that is left out has its default; nnterm train FILE trains it, "
    "nnterm check FILE checks its gradients, nnterm diagnose FILE looks for problems."
)
_CHOICES = {"network.loss": "loss", "training.optimizer": "optimizer", "training.schedule": "schedule"}
"""Keys that take a member of a family, by name or as a table."""


def commented_toml(experiment: Experiment) -> str:
    """Return a complete experiment file with comments; reading it gives an equal experiment."""
    plain = to_plain(experiment)
    lines = _comment(OPENING)
    for table in tables():
        values = plain[table.title] if table.title else plain
        lines += ["", f"[{table.title}]"] if table.title else []
        for one in table.settings:
            key = f"{table.title}.{one.name}" if table.title else one.name
            lines += ["", *_explained(one), *_more(key, experiment), _assignment(one.name, values[one.name])]
    return "\n".join(lines) + "\n"


def _explained(one: Setting) -> list[str]:
    """Return the comment above a key: its meaning, then its values and its default."""
    return [*_comment(one.text), *_comment(f"{one.type}; default: {default_words(one)}")]


def _more(key: str, experiment: Experiment) -> Iterator[str]:
    """Yield the choices of a key that takes more than a plain value."""
    if key == "network.layers":
        yield from _about_layers()
    if key not in _CHOICES:
        return
    section, _, name = key.partition(".")
    chosen = getattr(getattr(experiment, section), name)
    for option in settings_of(type(chosen)):
        yield from _comment(f"{option.name}: {option.text} ({option.type})", "#   ")
    others = [table for table in member_tables(FAMILIES[_CHOICES[key]]) if table.title != chosen.name]
    yield from _comment(f"or: {_listed(others)}", "#   ")


def _about_layers() -> Iterator[str]:
    for table in layer_tables():
        yield from _comment(f'type = "{table.title}": {table.text}', "#   ")
        for one in table.settings:
            yield from _comment(
                f"{one.name}: {one.text} ({one.type}; default: {default_words(one)})", "#     "
            )
    yield from _comment(f"activation: {_listed(member_tables(FAMILIES['activation']))}", "#   ")
    yield from _comment(f"init and bias: {_listed(member_tables(FAMILIES['init and bias']))}", "#   ")


def _listed(members: Iterable[Table]) -> str:
    """Return names of members, those with options as `normal (mean, std)`."""
    return ", ".join(
        f"{one.title} ({', '.join(option.name for option in one.settings)})" if one.settings else one.title
        for one in members
    )


def _assignment(name: str, value: Any) -> str:
    """Return `name = value`; a list of tables has a line for each."""
    if isinstance(value, list):
        return "\n".join([f"{name} = [", *(f"  {toml_value(_short(layer))}," for layer in value), "]"])
    return f"{name} = {toml_value(value)}"


def _short(layer: Mapping[str, Any]) -> dict[str, Any]:
    """Return a layer's table without a bias of zeros, which nearly all have."""
    return {name: value for name, value in layer.items() if (name, value) != ("bias", "zeros")}


def _comment(text: str, start: str = "# ") -> list[str]:
    deeper = "# " + " " * len(start)
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=start,
        subsequent_indent=deeper if len(start) > 2 else start,
        break_long_words=False,
    )
