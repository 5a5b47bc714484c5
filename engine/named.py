"""Base classes of the experiment file's tables and of named members: activations, losses, initialisers, ...

A named member is a frozen struct: its fields are its options in the experiment file, its methods the mathematics. The
registry of each family maps names to classes, so that a new member is one class and one entry.
"""

import re
from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Self, TypeVar

import msgspec

Positive = Annotated[float, msgspec.Meta(gt=0)]
"""x > 0."""
NonNegative = Annotated[float, msgspec.Meta(ge=0)]
"""x ≥ 0."""
Share = Annotated[float, msgspec.Meta(ge=0, lt=1)]
"""0 ≤ x < 1."""
Count = Annotated[int, msgspec.Meta(ge=0)]
AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]


def snake_case(class_name: str) -> str:
    """Return the name of a class in the experiment file: `leaky_relu` for `LeakyRelu`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", class_name).lower()


class Named(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="name", tag=snake_case, kw_only=True
):
    """Base of activations, losses, initialisers, optimizers and schedules; two with the same options are equal."""

    use: ClassVar[str] = ""
    """When to choose the member, in a sentence of at most 100 characters; shown in lists of choices."""

    @classmethod
    def label(cls) -> str:
        """Return the name of the class in the experiment file."""
        return str(cls.__struct_config__.tag)

    @property
    def name(self) -> str:
        """The member's name in the experiment file."""
        return self.label()

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> Self:
        """Return a member with these options, after checking their types and ranges.

        Raises:
            msgspec.ValidationError: an option is unknown, of the wrong type or out of range.
        """
        return msgspec.convert(options, cls)


N = TypeVar("N", bound=Named)


def registry(members: Iterable[type[N]]) -> dict[str, type[N]]:
    """Return the classes of a family by name, in the given order."""
    return {member.label(): member for member in members}


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of the tables of the experiment file."""
