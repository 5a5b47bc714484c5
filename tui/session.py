"""What the app has chosen so far; screens read it when they appear, and change it as the user goes on."""

from pathlib import Path
from typing import Any


class Session:
    """The thread of the app: a dataset, a draft of an experiment, a run. Owned by the app, changed by its screens."""

    def __init__(self, home: Path | None = None) -> None:
        self.home = home
        """Where runs live; None: the default home."""
        self.dataset: str | None = None
        """A registered name or a path, once chosen on the Data screen."""
        self.draft: dict[str, Any] | None = None
        """The experiment's plain tables as the Build screen has them, sensible or not."""
        self.run: str | None = None
        """The name of the run that the Train screen watches."""
        self.check_run = False
        """Whether Gradients looks at the run instead of the draft."""
