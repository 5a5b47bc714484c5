"""Conversion of plain tables (from TOML or options) into typed sections, with all problems reported at once.

`msgspec` converts and range-checks single values. The sections are traversed here, so that every problem is reported
under the key that the user wrote, with the closest valid name.
"""

import contextlib
import functools
import math
import types
from collections.abc import Iterator
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from engine.errors import Problem, did_you_mean
from engine.named import Named, Section
from engine.nn.activations import ACTIVATIONS, Activation
from engine.nn.initializer import Initializer
from engine.nn.initializers import INITIALIZERS
from engine.nn.layers import layer_specs
from engine.nn.loss import Loss
from engine.nn.losses import LOSSES
from engine.optim.optimizer import Optimizer
from engine.optim.optimizers import OPTIMIZERS
from engine.optim.schedule import Schedule
from engine.optim.schedules import SCHEDULES
from engine.plugins.loading import HINT, load_plugins
from engine.printable import printable

FAMILIES: dict[type[Named], tuple[str, dict[str, Any]]] = {
    Activation: ("an activation", ACTIVATIONS),
    Initializer: ("an initialiser", INITIALIZERS),
    Loss: ("a loss", LOSSES),
    Optimizer: ("an optimizer", OPTIMIZERS),
    Schedule: ("a schedule", SCHEDULES),
}
"""Each family of named members: a noun with its article for error messages, and the members by name."""

S = TypeVar("S", bound=Section)
INVALID = object()
"""Placeholder for a value that could not be converted; its problem has been reported."""


def build_section(kind: type[S], raw: object, key: str, problems: list[Problem]) -> S | None:
    """Return `raw` as a section of type `kind`; if it is invalid, add its problems to `problems` and return None.

    `key` is the dotted key of the section, empty for the whole file.
    """
    load_plugins()
    if not isinstance(raw, dict):
        layer = 'for example { type = "dense", units = 10 }'
        hint = layer if key.endswith("]") else f"start the section with a line [{key}]"
        problems.append(Problem(key, f"{key} = {show(raw)} must be a table", hint))
        return None
    hints = field_types(kind)
    tag_field = kind.__struct_config__.tag_field
    values: dict[str, Any] = {}
    for name, value in raw.items():
        path = f"{key}.{printable(name)}" if key else printable(name)
        if name == tag_field:
            continue
        if name not in hints:
            message = f"{path} is not a known key"
            problems.append(Problem(path, message, _other_table(kind, name) or did_you_mean(name, hints)))
            continue
        values[name] = _build_value(hints[name], with_default_name(kind, name, value), path, problems)
    if any(value is INVALID for value in values.values()) or not set(raw) <= {*hints, tag_field}:
        return None
    return kind(**values)


def with_default_name(kind: type[msgspec.Struct], name: str, value: object) -> object:
    """Return a table of options without a name, such as `{ lr = 0.01 }`, with the name of the field's default.

    Other values are returned unchanged.
    """
    if not isinstance(value, dict) or "name" in value:
        return value
    default = next(field.default for field in msgspec.structs.fields(kind) if field.name == name)
    return {"name": default.name, **value} if isinstance(default, Named) else value


def _other_table(kind: type[msgspec.Struct], name: str) -> str:
    """Return a hint if an unknown key belongs in another table (`epochs` in `training`), else ""."""
    owners = [label for label, layer in layer_specs().items() if name in layer.__struct_fields__]
    if owners and kind in layer_specs().values():
        own = ", ".join(sorted(kind.__struct_fields__))
        return f"{' and '.join(owners)} layers take it; {kind.__struct_config__.tag} layers take: {own}"
    places = [f"{place}.{name}" for place, names in tables_below(kind) if name in names]
    places.sort(key=lambda place: place.startswith("network.layers"))  # keys of a single table first
    return f"did you mean {places[0]}?" if places else ""


def tables_below(kind: type[msgspec.Struct]) -> Iterator[tuple[str, set[str]]]:
    """Yield the dotted key of each table inside a section, with its valid keys."""
    for field, given in field_types(kind).items():
        hint = _required(given)
        if isinstance(hint, type) and issubclass(hint, Section):
            yield field, set(hint.__struct_fields__)
            yield from ((f"{field}.{place}", names) for place, names in tables_below(hint))
        elif get_origin(hint) is tuple:
            yield f"{field}[0]", set().union(*(layer.__struct_fields__ for layer in layer_specs().values()))
        elif hint in FAMILIES:
            yield field, set().union(*(member.__struct_fields__ for member in FAMILIES[hint][1].values()))


@functools.cache
def field_types(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the types of a struct's fields by name, including range annotations."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: hints[name] for name in kind.__struct_fields__}


def _build_value(kind: Any, value: object, path: str, problems: list[Problem]) -> Any:
    optional = _is_optional(kind)
    if optional:
        if value == "auto" or value is None:
            return None
        kind = _required(kind)
    if isinstance(kind, type) and kind in FAMILIES:
        return _build_named(kind, value, path, problems)
    if isinstance(kind, type) and issubclass(kind, Section):
        section = build_section(kind, value, path, problems)
        return INVALID if section is None else section
    if get_origin(kind) is tuple:
        return _build_layers(value, path, problems)
    return _build_leaf(kind, value, path, problems, optional)


def _build_named(family: type[Named], value: object, path: str, problems: list[Problem]) -> Any:
    """Convert `"relu"` or `{ name = "leaky_relu", slope = 0.1 }` to a member of the family."""
    article, members = FAMILIES[family]
    table = {"name": value} if isinstance(value, str) else value
    if not isinstance(table, dict) or not isinstance(table.get("name"), str):
        hint = f'write its name, or a table such as {{ name = "{next(iter(members))}" }}'
        problems.append(Problem(path, f"{path} = {show(value)} is not {article}", hint))
        return INVALID
    member = members.get(table["name"])
    if member is None:
        hint = f"{did_you_mean(table['name'], members)}; {HINT}"
        problems.append(Problem(path, f"{path} = {show(table['name'])} is not {article}", hint))
        return INVALID
    hints = field_types(member)
    options: dict[str, Any] = {}
    for name, option in table.items():
        if name == "name":
            continue
        option_path = f"{path}.{printable(name)}"
        if name in hints:
            options[name] = _build_leaf(hints[name], option, option_path, problems)
        else:
            message = f"{option_path}: {table['name']} has no such option"
            problems.append(Problem(option_path, message, _option_hint(name, member, members)))
            options[name] = INVALID
    return INVALID if any(option is INVALID for option in options.values()) else member(**options)


def _option_hint(name: str, member: type[Named], members: dict[str, Any]) -> str:
    """Return the hint for an option that a member does not have: who has it, and what this one has."""
    own = field_types(member)
    own_names = did_you_mean(name, own) if own else f"{member.label()} has no options"
    owners = [label for label, other in members.items() if name in field_types(other)]
    return f"it is an option of {' and '.join(owners)}; {own_names}" if owners else own_names


def _build_layers(value: object, path: str, problems: list[Problem]) -> Any:
    if not isinstance(value, list | tuple) or not value:
        hint = 'for example layers = [{ type = "dense", units = 10 }]'
        problems.append(Problem(path, f"{path} must be a list of at least one layer", hint))
        return INVALID
    layers = [_build_layer(layer, f"{path}[{i}]", problems) for i, layer in enumerate(value)]
    return INVALID if any(layer is INVALID for layer in layers) else tuple(layers)


def _build_layer(value: object, path: str, problems: list[Problem]) -> Any:
    kind = value.get("type", "dense") if isinstance(value, dict) else "dense"
    if not isinstance(kind, str) or kind not in layer_specs():
        key = f"{path}.type"
        hint = f"{did_you_mean(str(kind), layer_specs())}; {HINT}"
        problems.append(Problem(key, f"{key} = {show(kind)} is not a layer type", hint))
        return INVALID
    section = build_section(layer_specs()[kind], value, path, problems)
    return INVALID if section is None else section


def _build_leaf(kind: Any, value: object, path: str, problems: list[Problem], optional: bool = False) -> Any:
    if isinstance(value, str) and printable(value) != value:  # else a foreign file could control the terminal
        problems.append(Problem(path, f"{path} = {show(value)} contains control characters", "remove them"))
        return INVALID
    finite = not isinstance(value, float) or math.isfinite(value)
    if finite and not (isinstance(value, int) and abs(value) > LARGEST_INTEGER):
        with contextlib.suppress(msgspec.ValidationError):
            return msgspec.convert(value, kind)
    problems.append(_leaf_problem(kind, value, path, ', or "auto"' if optional else ""))
    return INVALID


def _leaf_problem(kind: Any, value: object, path: str, or_auto: str) -> Problem:
    base, *limits = (kind.__origin__, *kind.__metadata__) if hasattr(kind, "__metadata__") else (kind,)
    if get_origin(base) is Literal:
        allowed = [str(choice) for choice in get_args(base)]
        return Problem(path, f"{path} = {show(value)} is not allowed", did_you_mean(str(value), allowed))
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        return Problem(path, f"{path} = {show(value)} is too large a number")
    bounds = [
        f"{words} {limit:g}"
        for meta in limits
        for words, limit in zip(_BOUNDS.values(), (getattr(meta, name) for name in _BOUNDS), strict=True)
        if limit is not None
    ]
    infinite = isinstance(value, float) and not math.isfinite(value)
    kind_of_value = "a finite number" if base is float and infinite else _READABLE[base]
    expected = f"{kind_of_value}, {' and '.join(bounds)}" if bounds else kind_of_value
    hint = _leaf_hint(base, value) or next((meta.description for meta in limits if meta.description), "")
    return Problem(path, f"{path} = {show(value)} must be {expected}{or_auto}", hint)


def _leaf_hint(base: type, value: object) -> str:
    """Return a hint if only the form of the value is wrong (quotes, decimal point), else ""."""
    if base is str and isinstance(value, int | float):
        return f'write it in quotes: "{show(value)}"'
    if base is int and isinstance(value, float) and value.is_integer():
        return f"write it without a decimal point: {value:.0f}"
    if base in (int, float, bool) and isinstance(value, str):
        written = value.lower()
        with contextlib.suppress(ValueError):
            is_valid = written in ("true", "false") if base is bool else math.isfinite(base(written))
            return f"write it without quotes: {written}" if is_valid else ""
    return ""


_READABLE = {float: "a number", int: "a whole number", bool: "true or false", str: "a text in quotes"}
_BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
LARGEST_INTEGER = 2**63 - 1
"""Largest integer of TOML 1.0: 64 bits, signed."""


def _is_optional(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType) and types.NoneType in get_args(kind)


def _required(kind: Any) -> Any:
    """Return a type without None."""
    return next(part for part in get_args(kind) if part is not types.NoneType) if _is_optional(kind) else kind


def show(value: object) -> str:
    """Return a value in TOML notation for a message: printable, at most 60 characters."""
    text = _as_toml(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _as_toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{printable(value)}"'
    if isinstance(value, dict):
        return (
            "{ " + ", ".join(f"{printable(name)} = {_as_toml(item)}" for name, item in value.items()) + " }"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_as_toml, value)) + "]"
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        return f"{'-' if value < 0 else ''}1e{round(abs(value).bit_length() * math.log10(2))}"
    return str(value)


def to_plain(value: Any) -> Any:
    """Return a section or a named member as plain tables, including defaults; None becomes "auto"."""
    if isinstance(value, Named):
        options = {name: getattr(value, name) for name in value.__struct_fields__}
        return {"name": value.name, **options} if options else value.name
    if isinstance(value, Section):
        config = value.__struct_config__
        table = {config.tag_field: config.tag} if config.tag_field else {}
        return table | {name: to_plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    return "auto" if value is None else value
