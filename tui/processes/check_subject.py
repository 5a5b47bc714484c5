"""The subject of a gradient check or of a walk: a run, one step of a run, or the draft of an experiment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class CheckSubject:
    """The run with a name, or else the draft."""

    run: str | None
    draft: dict[str, Any] | None = None
    step: int | None = None
    """The number of updates after a step of the run that is to be walked; None: the newest weights."""

    @property
    def words(self) -> str:
        """The subject in words."""
        if self.run is not None and self.step is not None:
            return f"step {self.step:,} of run {self.run}"
        if self.run is not None:
            return f"run {self.run}"
        name = (self.draft or {}).get("data", {}).get("dataset", "")
        return f"network on Build ({str(name).rsplit('/', 1)[-1]}), step 0"


def source_of(subject: CheckSubject, folder: Path) -> list[str]:
    """Return the arguments that name the subject to `nnterm check`; off the event loop, as a draft is written to
    `folder`."""
    if subject.run is not None:
        return ["--run", subject.run, *([] if subject.step is None else ["--at-step", str(subject.step)])]
    from tui.draft.files import save_draft

    path = folder / "draft.toml"
    save_draft(subject.draft or {}, path)
    return [str(path)]
