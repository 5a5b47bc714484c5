"""Reads a draft from an experiment file and writes one."""

from pathlib import Path

from engine.errors import ExperimentError, Problem
from engine.experiment.completion import complete_tables
from engine.experiment.toml_reader import LARGEST_FILE, parse_toml
from engine.experiment.toml_writer import write_toml
from engine.files.atomic import read_limited, reason_of
from engine.printable import holds_controls
from tui.draft.tables import Draft, complete


def open_draft(path: Path) -> Draft:
    """Return the draft of an experiment file, valid or not; a relative data path is resolved against its folder.

    Raises:
        ExperimentError: the file is missing, not TOML, holds control characters, or is not an experiment.
    """
    try:
        raw = parse_toml(read_limited(path, LARGEST_FILE, any_kind=True).decode("utf-8-sig"))
    except OSError as error:
        raise _refusal(f"cannot read {path}: {reason_of(error)}", "check the path") from None
    except UnicodeDecodeError:
        raise _refusal(f"cannot read {path}: not a text file", "choose a .toml file") from None
    except (ValueError, RecursionError) as error:
        raise _refusal(f"{path.name}: not valid TOML: {error}", "correct it in a text editor") from None
    if holds_controls(raw):
        raise _refusal(f"{path.name} contains control characters", "remove them")
    draft = complete(complete_tables(raw, folder=path.parent))
    dataset = Path(draft["data"]["dataset"])
    if dataset.suffix and not dataset.is_absolute() and not str(dataset).startswith("~"):
        draft["data"]["dataset"] = str((path.parent / dataset).resolve())
    return draft


def save_draft(draft: Draft, path: Path, replace: bool = False) -> Path:
    """Write a draft as an experiment file, atomically and with its "auto" values, and return the path.

    Raises:
        FileExistsError: the file exists and `replace` is False.
        ExperimentError: the folder is missing, full or read-only.
    """
    if path.exists() and not replace:
        raise FileExistsError(path)
    write_toml(path, draft)
    return path


def _refusal(message: str, hint: str) -> ExperimentError:
    return ExperimentError([Problem("", message, hint)])
