"""The form of an advice: what does not fit, or does, why, and the command that mends it."""

from typing import Literal

import msgspec

Severity = Literal["error", "warning", "info"]
ORDER: tuple[Severity, ...] = ("error", "warning", "info")


class Advice(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="advice"):
    """One thing to know about this machine's devices.

    error: something here cannot be used as it is; warning: it can, with a loss; info: all is well, or a matter of taste.
    """

    severity: Severity
    code: str
    """A name that stays: driver-old, arch-dropped, cpu-build, ..."""
    message: str
    """One or two sentences: what is so, and why."""
    command: str = ""
    """The line to type, empty where there is no single right one."""


def error(code: str, message: str, command: str = "") -> Advice:
    """Return an advice about what cannot be used as it is."""
    return Advice(severity="error", code=code, message=message, command=command)


def warning(code: str, message: str, command: str = "") -> Advice:
    """Return an advice about what works with a loss."""
    return Advice(severity="warning", code=code, message=message, command=command)


def info(code: str, message: str, command: str = "") -> Advice:
    """Return an advice that only tells."""
    return Advice(severity="info", code=code, message=message, command=command)
