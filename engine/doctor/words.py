"""How the doctor's sentences put names together."""

from collections.abc import Iterable


def listed(names: Iterable[str]) -> str:
    """Return `a`, `a and b`, or `a, b and c`."""
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last
