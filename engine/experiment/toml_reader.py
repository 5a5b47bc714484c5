"""Reading of TOML that a stranger may have written, in bounded time and memory."""

import re
import tomllib
from typing import Any

LARGEST_FILE = 1 << 20
"""Size limit of an experiment file, bytes."""
_PART = r"""[\w"'-]{1,200}"""
_LONG_KEY = re.compile(rf"{_PART}(?:[ \t]*\.[ \t]*{_PART}){{32,}}")
"""A dotted key of more parts than any setting has: the parser takes quadratic time and memory for them."""


def parse_toml(text: str) -> dict[str, Any]:
    """Return the tables of a TOML text.

    Raises:
        ValueError: it is not valid TOML, or holds a key of more than 32 parts.
        RecursionError: it is nested too deeply.
    """
    found = _LONG_KEY.search(text)
    if found:
        parts = found[0].count(".") + 1
        raise ValueError(f"a key of {parts:,} parts, {found[0][:20]}...")
    return tomllib.loads(text)
