"""The registration of a member of a family from outside of the package."""

from inspect import getattr_static
from typing import Any, NamedTuple, TypeVar

from engine.data.generated import Generated
from engine.data.registry import DATASETS
from engine.errors import NntermError
from engine.nn.activation import Activation
from engine.nn.activations import ACTIVATIONS
from engine.nn.initializer import Initializer
from engine.nn.initializers import INITIALIZERS
from engine.nn.layers import LAYERS, Layer
from engine.nn.loss import Loss
from engine.nn.losses import LOSSES
from engine.optim.optimizer import Optimizer
from engine.optim.optimizers import OPTIMIZERS
from engine.optim.schedule import Schedule
from engine.optim.schedules import SCHEDULES

M = TypeVar("M")


class _Family(NamedTuple):
    """A family of members: its base class, its registry, and the methods that each member defines."""

    article: str
    base: type
    members: dict[str, Any]
    methods: tuple[str, ...]


FAMILIES = (
    _Family("an activation", Activation, ACTIVATIONS, ("forward", "backward")),
    _Family("a loss", Loss, LOSSES, ("differentiate",)),
    _Family("an initialiser", Initializer, INITIALIZERS, ("fill",)),
    _Family("an optimizer", Optimizer, OPTIMIZERS, ("_update_block",)),
    _Family("a schedule", Schedule, SCHEDULES, ("_factor",)),
    _Family(
        "a layer",
        Layer,
        LAYERS,
        (
            "build",
            "size_of",
            "bind",
            "forward",
            "backward",
            "pre_activation",
            "output",
        ),
    ),
)


def register(member: M) -> M:
    """Make an activation, a loss, an initialiser, an optimizer, a schedule, a layer or a dataset known by its name.

    Used as a decorator of the class; a dataset is the object that `generated` returns. Registering a class of the same
    name again replaces it, as a notebook does; a built-in member cannot be replaced.

    Raises:
        NntermError: it belongs to no family, lacks a method, or its name is taken.
    """
    if isinstance(member, Generated):
        _add(DATASETS, member.name, member, "a dataset")
        return member
    if not isinstance(member, type):
        raise NntermError(f"register takes a class or a dataset, not a {type(member).__name__}", _BASES)
    family = next((family for family in FAMILIES if issubclass(member, family.base)), None)
    if family is None:
        raise NntermError(f"{member.__name__} is neither an activation nor any other member", _BASES)
    missing = [name for name in family.methods if _inherits(member, family.base, name)]
    if missing:
        raise NntermError(f"{member.__name__} lacks {', '.join(missing)}", f"{family.article} defines them")
    if family.base is Layer and not hasattr(member, "spec_type"):
        raise NntermError(f"{member.__name__} lacks spec_type", "set it to the layer's subclass of LayerSpec")
    _add(family.members, _name_of(member), member, family.article)
    return member


_BASES = "derive it from Activation, Loss, Layer, Optimizer, ... of engine.plugins"


def _inherits(member: type, base: type, name: str) -> bool:
    """True if a class has a method from the base class alone."""
    return getattr_static(member, name) is getattr_static(base, name)


def _name_of(member: Any) -> str:
    return str(member.spec_type.kind() if issubclass(member, Layer) else member.label())


def _add(members: dict[str, Any], name: str, member: Any, article: str) -> None:
    taken = members.get(name)
    if taken is not None and _module_of(taken).partition(".")[0] == "engine":
        raise NntermError(f'"{name}" is {article} of nnterm itself', "give yours another name")
    members[name] = member


def _module_of(member: Any) -> str:
    module = getattr(member, "__module__", "")
    return str(getattr(member, "formula", member).__module__ if isinstance(member, Generated) else module)
