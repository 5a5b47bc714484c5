"""The subject of a gradient check: a run, or the draft of an experiment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class CheckSubject:
    """The run with a name, or else the draft."""

    run: str | None
    draft: dict[str, Any] | None = None

    @property
    def words(self) -> str:
        """The subject in words."""
        if self.run is not None:
            return f"the run {self.run} at its newest weights"
        name = (self.draft or {}).get("data", {}).get("dataset", "")
        return f"the network being built for {str(name).rsplit('/', 1)[-1]}, untrained"


def source_of(subject: CheckSubject, folder: Path) -> list[str]:
    """Return the arguments that name the subject to `nnterm check`; off the event loop, as a draft is written to
    `folder`."""
    if subject.run is not None:
        return ["--run", subject.run]
    from tui.draft.files import save_draft

    path = folder / "draft.toml"
    save_draft(subject.draft or {}, path)
    return [str(path)]
