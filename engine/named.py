"""What all named, optioned things share: activations, losses, initialisers, optimizers, schedules.

Each is a frozen struct: its fields are its options as the experiment file writes them, its methods are the
mathematics. A family's registry maps the name to the class, so a new member is one class and one entry.
"""

import re
from collections.abc import Iterable
from typing import Annotated, Any, Self, TypeVar

import msgspec

Positive = Annotated[float, msgspec.Meta(gt=0)]
NonNegative = Annotated[float, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, lt=1)]
Count = Annotated[int, msgspec.Meta(ge=0)]
AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]


def snake_case(class_name: str) -> str:
    """Return the name under which the experiment file knows a class: `LeakyRelu` is `leaky_relu`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", class_name).lower()


class Named(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="name", tag=snake_case, kw_only=True
):
    """Base of every named thing; two with the same options are equal."""

    @classmethod
    def label(cls) -> str:
        """Return the name that the experiment file uses."""
        return str(cls.__struct_config__.tag)

    @property
    def name(self) -> str:
        """The name that the experiment file uses."""
        return self.label()

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> Self:
        """Return a member with `options` checked for type and range.

        Raises:
            msgspec.ValidationError: an option is unknown, of the wrong type or out of range.
        """
        return msgspec.convert(options, cls)


N = TypeVar("N", bound=Named)


def registry(members: Iterable[type[N]]) -> dict[str, type[N]]:
    """Return the family's members by name, in the order given."""
    return {member.label(): member for member in members}


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of the experiment file's tables."""
