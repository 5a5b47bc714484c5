"""The keys of the experiment file and the values of those that have few, for lists of choices."""

from collections.abc import Iterable, Iterator
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from engine.data.registry import DATASETS
from engine.errors import ExperimentError
from engine.experiment.experiment import Experiment
from engine.experiment.parsing import FAMILIES, field_types, tables_below
from engine.experiment.short_keys import SHORT_KEYS, full_key
from engine.named import Section
from engine.nn.layers import layer_specs


def keys_with(typed: str) -> list[str]:
    """Return what may follow `typed` as a key, each with `=`: short names and tables, within a table its dotted keys."""
    sections = {name: kind for name, kind in field_types(Experiment).items() if _is_section(kind)}
    section, dot, _ = typed.partition(".")
    if dot and section in sections:
        return [f"{section}.{key}=" for key in _keys_of(sections[section])]
    if dot and section in SHORT_KEYS:
        table = f"{SHORT_KEYS[section]}."
        keys = (f"{name}.{key}" for name, kind in sections.items() for key in _keys_of(kind))
        return [f"{section}.{key.removeprefix(table)}=" for key in keys if key.startswith(table)]
    top = [name for name in field_types(Experiment) if name not in sections]
    return [*(f"{name}=" for name in dict.fromkeys([*SHORT_KEYS, *top])), *(f"{name}." for name in sections)]


def key_choices(key: str) -> list[str]:
    """Return the values of a key that has few: members, types of layers, true and false, auto; none for other keys."""
    try:
        steps = [step.partition("[")[0] for step in full_key(key).split(".")]
    except ExperimentError:
        return []
    if steps == ["data", "dataset"]:
        return [*DATASETS]
    hint: Any = Experiment
    for step in steps:
        if _plain(hint) in FAMILIES and step == "name":
            return [*FAMILIES[_plain(hint)][1]]
        hint = _type_below(_plain(hint), step)
    auto = ["auto"] if NoneType in get_args(hint) else []
    return [*(str(value) for value in _values(_plain(hint))), *auto]


def _type_below(hint: Any, step: str) -> Any:
    """Return the type of the field `step` of a section, of a member of a family, or of any kind of layer."""
    if get_origin(hint) is tuple:
        if step == "type":
            return Literal[tuple(layer_specs())]
        owners: Iterable[Any] = layer_specs().values()
    elif hint in FAMILIES:
        owners = FAMILIES[hint][1].values()
    else:
        owners = [hint] if _is_section(hint) else []
    return next((field_types(owner)[step] for owner in owners if step in field_types(owner)), None)


def _plain(hint: Any) -> Any:
    """Return a type without `None`."""
    parts = [part for part in get_args(hint) if part is not NoneType]
    return parts[0] if NoneType in get_args(hint) and len(parts) == 1 else hint


def _values(hint: Any) -> Iterable[Any]:
    if hint is bool:
        return ("true", "false")
    if get_origin(hint) is Literal:
        return get_args(hint)
    return FAMILIES[hint][1] if hint in FAMILIES else ()


def _keys_of(kind: type[Section]) -> Iterator[str]:
    yield from (name for name in kind.__struct_fields__ if get_origin(field_types(kind)[name]) is not tuple)
    for place, names in tables_below(kind):
        yield from (f"{place}.{name}" for name in sorted(names))


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Section)
