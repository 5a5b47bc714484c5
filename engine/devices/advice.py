"""An advice: a fact about the devices, its severity, and the command that fixes it."""

from typing import Literal

import msgspec

Severity = Literal["error", "warning", "info"]
ORDER: tuple[Severity, ...] = ("error", "warning", "info")


class Advice(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="advice"):
    """One fact about this machine's devices.

    error: something cannot be used as it is; warning: it works with a loss; info: nothing is wrong.
    """

    severity: Severity
    code: str
    """A stable name: driver-old, arch-dropped, cpu-build, ..."""
    message: str
    """The fact and its reason in one or two sentences."""
    command: str = ""
    """The shell command to run; empty if there is no single right one."""


def error(code: str, message: str, command: str = "") -> Advice:
    """Return an advice on something that cannot be used as it is."""
    return Advice(severity="error", code=code, message=message, command=command)


def warning(code: str, message: str, command: str = "") -> Advice:
    """Return an advice on something that works with a loss."""
    return Advice(severity="warning", code=code, message=message, command=command)


def info(code: str, message: str, command: str = "") -> Advice:
    """Return an advice that only informs."""
    return Advice(severity="info", code=code, message=message, command=command)
