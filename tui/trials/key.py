"""The key that opens the Trials screen, for screens that have a network at hand."""

from collections.abc import Mapping
from typing import Any

from textual.binding import Binding

from tui.processes.check_subject import CheckSubject
from tui.shell.screen import LabScreen

TRY_OUT = Binding("e", "trials", "try out", tooltip="small experiments on this network, each with its answer")
"""For the bindings of a subclass, which says where in their order."""


class TrialKey(LabScreen):
    """A screen with a network that trials can be made on; keeps what was tried."""

    _trials: Any = None

    @property
    def trial_subject(self) -> tuple[CheckSubject, Mapping[str, Any]] | None:
        """What trials are made on, with the plain tables of its experiment; None: there is nothing."""
        raise NotImplementedError

    def take_setting(self, draft: dict[str, Any]) -> None:
        """Go on with a draft that a trial's setting was put into: on Build, whatever stood there before."""
        self.session.dataset, self.session.draft = None, draft
        self.app.call_later(self.app.switch_mode, "build")

    def action_trials(self) -> None:
        """Open the trials of this network."""
        from tui.trials.screen import TrialsScreen, TrialStore

        found = self.trial_subject
        if found is not None:
            self._trials = self._trials or TrialStore()
            subject, experiment = found
            self.app.push_screen(
                TrialsScreen(subject, experiment, self._trials, self.take_setting, mode=self.MODE)
            )
