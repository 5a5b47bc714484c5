"""The one place that writes TOML: whole files, and single values for a command line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

from engine.errors import ExperimentError, Problem
from engine.files.atomic import SHARED, reason_of, replace_file


def to_toml(tables: Mapping[str, Any]) -> str:
    """Return plain tables as the text of a TOML file."""
    return tomli_w.dumps(tables)


def toml_value(value: Any) -> str:
    """Return a value as TOML on one line, tables inline."""
    if isinstance(value, dict):
        inner = ", ".join(f"{name} = {toml_value(item)}" for name, item in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    return tomli_w.dumps({"v": value}).removeprefix("v = ").rstrip("\n")


def write_toml(path: Path, tables: Mapping[str, Any]) -> None:
    """Write plain tables to `path`, whole or not at all.

    Raises:
        ExperimentError: the folder is missing, full or read-only.
    """
    try:
        replace_file(path, [to_toml(tables).encode()], durable=True, mode=SHARED)
    except OSError as error:
        message = f"cannot write {path}: {reason_of(error)}"
        raise ExperimentError([Problem("", message, "choose another folder")]) from None
