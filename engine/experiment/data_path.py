"""The path of the user's own data in an experiment file."""

from pathlib import Path

from msgspec.structs import replace

from engine.data.spec import DataSpec
from engine.files.user_path import expanded


def located(spec: DataSpec, folder: Path | None) -> DataSpec:
    """Return `spec` with the path of a data file made absolute; a registered name is left as it is.

    Args:
        spec: the `[data]` section.
        folder: base of a relative path; None: the current folder.
    """
    if "\0" in spec.dataset:  # no path: `describe` refuses it
        return spec
    path = expanded(spec.dataset)
    if not path.suffix:
        return spec
    if folder is not None and not path.is_absolute():
        path = folder / path
    return replace(spec, dataset=str(path.resolve()))
