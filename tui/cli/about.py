"""The program's version."""

import importlib.metadata


def version() -> str:
    """Return the installed version, for example `0.1.0`."""
    return importlib.metadata.version("nnterm")


def version_line() -> str:
    """Return the program's name and version."""
    return f"nnterm {version()}"
