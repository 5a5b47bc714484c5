"""A draft in the doctor's hands: what can be said of it before it is trained, and mending it."""

from collections.abc import Callable, Sequence

from engine.errors import NntermError, RunError
from engine.events import Finding
from engine.experiment.changes import with_fix
from tui.draft.tables import Draft, complete
from tui.findings.cases import Proposal
from tui.follow.run_figures import RunFigures

Diagnose = Callable[[Draft], Sequence[Finding]]
"""Says what is wrong with a draft, causes before symptoms; reads the data: not for the event loop. Never raises."""


def diagnose(draft: Draft) -> Sequence[Finding]:
    """Return what can be known before training and from the first pass; nothing where the data cannot be read."""
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
        """There is no more to look at before it is trained."""

    def look(self) -> RunFigures:
        """Return the findings; nothing is trained yet that could be drawn."""
        return self._figures

    def propose(self, finding: Finding) -> Proposal:
        """Return what the remedy would change in the draft.

        Raises:
            RunError: it does not fit the draft.
        """
        try:
            mended, changes = with_fix(self._draft, finding.remedy)
            return Proposal(
                "The draft is changed; u on the Build screen takes that back.", changes, complete(mended)
            )
        except (KeyError, TypeError):
            raise RunError("the remedy does not fit this draft") from None

    def carry_out(self, proposal: Proposal) -> Draft:
        """Return the mended draft."""
        mended: Draft = proposal.plan
        return mended
