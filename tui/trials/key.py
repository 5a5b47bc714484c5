"""The key that opens the Trials screen, for screens with a network."""

from collections.abc import Mapping
from typing import Any

from textual.binding import Binding

from tui.processes.check_subject import CheckSubject
from tui.shell.screen import LabScreen

TRY_OUT = Binding("e", "trials", "trials", tooltip="trials: short experiments on this network")
"""For the bindings of a subclass, at the place that it chooses."""


class TrialKey(LabScreen):
    """A screen with a network to make trials on; stores their results."""

    _trials: Any = None

    @property
    def trial_subject(self) -> tuple[CheckSubject, Mapping[str, Any]] | None:
        """The network to make trials on, with the plain tables of its experiment; None without a network."""
        raise NotImplementedError

    def take_setting(self, draft: dict[str, Any]) -> None:
        """Replace the draft on Build with `draft`, which has the setting of a trial, and go there."""
        self.session.dataset, self.session.draft = None, draft
        self.app.call_later(self.app.switch_mode, "build")

    def action_trials(self) -> None:
        """Open the Trials screen for this network."""
        from tui.trials.screen import TrialsScreen, TrialStore

        found = self.trial_subject
        if found is not None:
            self._trials = self._trials or TrialStore()
            subject, experiment = found
            self.app.push_screen(
                TrialsScreen(subject, experiment, self._trials, self.take_setting, mode=self.MODE)
            )
