"""Every setting of the experiment file with its type, its default and its explanation, read off the specs.

The explanations are the docstrings below the fields in the specs' source, so that there is one text for each setting.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from engine.experiment.experiment import Experiment
from engine.experiment.parsing import to_plain
from engine.named import Named, Section
from engine.nn.activations import ACTIVATIONS
from engine.nn.initializers import INITIALIZERS
from engine.nn.layers import layer_specs
from engine.nn.losses import LOSSES
from engine.optim.optimizers import OPTIMIZERS
from engine.optim.schedules import SCHEDULES


@dataclass(frozen=True)
class Setting:
    """A key of a table of the experiment file, or an option of a member."""

    name: str
    type: str
    """The type and its range in words, "whole number ≥ 1"."""
    default: Any
    """As in the file; `msgspec.NODEFAULT`: it must be given."""
    text: str
    """Its explanation; empty if the name says it."""
    is_suggested: bool = False
    """True if the dataset's suggestion takes the place of the default in a file."""


@dataclass(frozen=True)
class Table:
    """A table of the experiment file, `[training]`, or a member of a family, with its settings."""

    title: str
    """Dotted path, or the member's name."""
    text: str
    settings: tuple[Setting, ...]


SUGGESTED = frozenset({"network.layers", "training.epochs", "training.batch_size", "training.optimizer"})
"""Keys that a file may leave out to the dataset's suggestion; see `engine.experiment.completion`."""
REQUIRED = frozenset({"data.dataset"})
"""Keys that a file must give."""

FAMILIES: Mapping[str, Mapping[str, type[Named]]] = {
    "activation": ACTIVATIONS,
    "init and bias": INITIALIZERS,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
}
"""The members that a key takes by name, or as a table with options."""


def tables() -> list[Table]:
    """Return the tables of the file: the top level, then one for each section."""
    hints = get_type_hints(Experiment)
    sections = [name for name in Experiment.__struct_fields__ if _is_section(hints[name])]
    top = [one for one in settings_of(Experiment) if one.name not in sections]
    return [
        Table("", first_sentence(Experiment), tuple(top)),
        *(Table(name, first_sentence(hints[name]), settings_of(hints[name], name)) for name in sections),
    ]


def layer_tables() -> list[Table]:
    """Return the kinds of layers, each with its settings."""

    return [Table(kind.kind(), first_sentence(kind), settings_of(kind)) for kind in layer_specs().values()]


def member_tables(members: Mapping[str, type[Named]]) -> list[Table]:
    """Return the members of a family, each with its options."""
    return [Table(name, first_sentence(member), settings_of(member)) for name, member in members.items()]


def first_sentence(described: type) -> str:
    """Return the first paragraph of a class's docstring on one line."""
    return " ".join(inspect.cleandoc(described.__doc__ or "").partition("\n\n")[0].split())


def _is_section(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Section)


def settings_of(struct: type[msgspec.Struct], table: str = "") -> tuple[Setting, ...]:
    """Return the settings of a table of the file, or the options of a member.

    Args:
        struct: the class of the table or of the member.
        table: the table's title, for what a file must give or may leave to the dataset.
    """
    hints = get_type_hints(struct, include_extras=True)
    texts = field_texts(struct)
    return tuple(
        Setting(
            field.name,
            _type_words(hints[field.name]),
            msgspec.NODEFAULT if f"{table}.{field.name}" in REQUIRED else _default(field),
            texts.get(field.name, "").replace("None (auto)", "auto"),
            f"{table}.{field.name}" in SUGGESTED,
        )
        for field in msgspec.structs.fields(struct)
    )


def default_words(setting: Setting) -> str:
    """Return the default as a file would have it, or in words where it depends on the dataset."""
    if setting.is_suggested:
        return "as the dataset suggests"
    match setting.default:
        case msgspec.NODEFAULT:
            return "none, it is required"
        case "":
            return "empty"
        case {"name": name}:
            return f'"{name}"'
    return msgspec.json.encode(setting.default).decode()


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default is not msgspec.NODEFAULT:
        return to_plain(field.default)
    if field.default_factory is not msgspec.NODEFAULT:
        return to_plain(field.default_factory())
    return msgspec.NODEFAULT


@cache
def field_texts(struct: type) -> Mapping[str, str]:
    """Return the docstring below each field of a class and of its bases."""
    texts: dict[str, str] = {}
    for one in reversed(struct.__mro__):
        if issubclass(one, msgspec.Struct) and one.__module__.startswith("engine."):
            texts |= dict(_texts_in(one))
    return texts


def _texts_in(struct: type) -> Iterator[tuple[str, str]]:
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(struct))).body
    if not isinstance(body, ast.ClassDef):
        return
    for field, below in zip(body.body, body.body[1:], strict=False):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, " ".join(text.split())


_BOUNDS = (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))
_PLAIN = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def _type_words(hint: Any) -> str:
    """Return a type in words: "whole number ≥ 0", ""numpy" or "torch"", "name of an activation"."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        meta = next(item for item in arguments if isinstance(item, msgspec.Meta))
        bounds = [
            f"{sign} {getattr(meta, name):g}" for name, sign in _BOUNDS if getattr(meta, name) is not None
        ]
        return f"{_type_words(arguments[0])} {' and '.join(bounds)}".strip()
    if origin is Literal:
        return " or ".join(f'"{value}"' for value in arguments)
    if origin in (Union, UnionType):
        words = [_type_words(one) for one in arguments if one is not NoneType]
        return " or ".join([*words, *(['"auto"'] if NoneType in arguments else [])])
    if origin is tuple:
        inner = arguments[0]
        several = "tables" if _is_section(inner) else f"{_type_words(inner)}s"
        return f"list of {several}" if Ellipsis in arguments else f"list of {len(arguments)} {several}"
    if isinstance(hint, type) and issubclass(hint, Named):
        return "name, or table with name and options"
    return _PLAIN.get(hint, getattr(hint, "__name__", str(hint)))
