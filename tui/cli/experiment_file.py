"""The experiment file that a command names: a path, or `-` for standard input."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import ExperimentError, Problem
from engine.experiment.toml_reader import LARGEST_FILE

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment

STDIN = Path("-")
"""Stands for standard input where a FILE is expected."""
_SOURCE = "standard input"


def load_experiment(file: Path, overrides: Sequence[str], options: Mapping[str, Any]) -> "Experiment":
    """Return the complete, checked experiment in a file or, for `-`, on standard input.

    Raises:
        ExperimentError: it cannot be read, or is wrong.
    """
    from engine.experiment.experiment import Experiment

    if file != STDIN:
        return Experiment.load(file, overrides, options)
    return Experiment.from_toml(_read_stdin(), source=_SOURCE, overrides=overrides, options=options)


def _read_stdin() -> str:
    """Return the text on standard input, which is read once."""
    if sys.stdin is None or sys.stdin.isatty():
        raise _refusal(
            "- reads the experiment file from standard input, which is a terminal",
            "pipe a file into it, as in nnterm show --config RUN | nnterm train -, or name the file",
        )
    try:
        content = sys.stdin.buffer.read(LARGEST_FILE + 1)
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise _refusal(f"cannot read {_SOURCE}: not a text file", "pipe an experiment file into it") from None
    if len(content) > LARGEST_FILE:
        raise _refusal(
            f"cannot read {_SOURCE}: it is larger than {LARGEST_FILE:,} bytes",
            "pipe an experiment file into it",
        )
    if not text.strip():
        raise _refusal(f"{_SOURCE} is empty", "pipe an experiment file into it; nnterm init - prints one")
    return text


def _refusal(message: str, hint: str) -> ExperimentError:
    return ExperimentError([Problem("", message, hint)])
