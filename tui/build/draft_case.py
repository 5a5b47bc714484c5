"""A draft for the Findings screen: its findings before training, and the fixes applied to it."""

from collections.abc import Callable, Sequence

from engine.errors import NntermError, RunError
from engine.events import Finding
from engine.experiment.changes import with_fix
from tui.draft.tables import Draft, complete
from tui.findings.cases import Proposal
from tui.follow.run_figures import RunFigures

Diagnose = Callable[[Draft], Sequence[Finding]]
"""Returns the findings of a draft, causes before symptoms; reads the data, so call it off the event loop. Never
raises."""


def diagnose(draft: Draft) -> Sequence[Finding]:
    """Return the findings before training and from the first pass; none if the data cannot be read."""
    from engine.doctor.report import diagnose_experiment
    from engine.experiment.experiment import Experiment

    try:
        return diagnose_experiment(Experiment.from_raw({**draft, "force": True}))
    except NntermError:
        return ()


class DraftCase:
    """A draft with its findings, for the Findings screen."""

    mode = "build"
    can_examine = False

    def __init__(self, draft: Draft, findings: Sequence[Finding]) -> None:
        self._draft = draft
        self._figures = RunFigures("draft", experiment=draft, findings=tuple(findings))

    def examine(self) -> None:
        """Do nothing: there is no more to measure before training."""

    def look(self) -> RunFigures:
        """Return the findings; there are no curves before training."""
        return self._figures

    def propose(self, finding: Finding) -> Proposal:
        """Return the changes that a suggested fix makes to the draft.

        Raises:
            RunError: the fix does not fit the draft.
        """
        try:
            fixed, changes = with_fix(self._draft, finding.remedy)
            return Proposal("Changes the network on Build; u there undoes it.", changes, complete(fixed))
        except (KeyError, TypeError):
            raise RunError("this fix does not fit the present network") from None

    def carry_out(self, proposal: Proposal) -> Draft:
        """Return the fixed draft."""
        fixed: Draft = proposal.plan
        return fixed
