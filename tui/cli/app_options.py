"""The options of `nnterm` without a command, which opens the app."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

VALUED, FLAGS = ("--home", "--theme"), ("--low-bandwidth",)


@dataclass(frozen=True)
class AppOptions:
    """Options of the app."""

    home: Path | None = None
    """The folder of the runs; None: the default home."""
    theme: str | None = None
    """A theme for this time; None: that of the settings."""
    low_bandwidth: bool = False
    """True: send little, whatever the settings say."""


def parse_app_options(arguments: Sequence[str]) -> AppOptions | None:
    """Return the options if they are all that is given (nothing is fine), None if there is a command or anything else."""
    values: dict[str, str] = {}
    flags: set[str] = set()
    rest = list(arguments)
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if name in FLAGS and not equals:
            flags.add(name)
        elif name in VALUED and (equals or rest):
            values[name] = value if equals else rest.pop(0)
        else:
            return None
    home = values.get("--home")
    return AppOptions(Path(home) if home else None, values.get("--theme"), "--low-bandwidth" in flags)
