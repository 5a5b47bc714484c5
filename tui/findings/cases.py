"""Cases for the Findings screen: a run or a draft with its findings, and how a suggested fix is applied to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from engine.events import Finding
from engine.experiment.changes import with_fix
from tui.draft.tables import complete
from tui.follow.run_figures import RunFigures
from tui.words.changes import Changes, changes_of

if TYPE_CHECKING:
    from tui.follow.reader import RunReader


@dataclass(frozen=True)
class Proposal:
    """The effect of applying a suggested fix."""

    sentence: str
    changes: Changes
    """Old and new values by dotted key."""
    plan: Any
    """Data with which the case applies the fix."""
    draft: dict[str, Any] | None = None
    """The settings with the fix, which become the draft on Build; None if applying it changes the draft itself."""


class FindingsCase(Protocol):
    """The subject of the Findings screen. Every call may read or write files: not for the event loop."""

    mode: str
    """The mode of the screen below."""
    can_examine: bool
    """True if `examine` can find more."""

    def examine(self) -> None:
        """Examine everything that is available, and add what is found to the findings.

        Raises:
            NntermError: the data are missing, or a file is damaged.
        """

    def look(self) -> RunFigures | None:
        """Return the figures with the findings; None if nothing is known yet."""

    def propose(self, finding: Finding) -> Proposal:
        """Return the effect of the suggested fix of `finding`.

        Raises:
            NntermError: the fix cannot be applied; the message says why.
        """

    def carry_out(self, proposal: Proposal) -> Any:
        """Apply the fix and return the result.

        Raises:
            NntermError: the fix can no longer be applied.
        """


class RunCase:
    """A run, running or ended.

    Args:
        reader: follows the run.
    """

    mode = "train"
    can_examine = True

    def __init__(self, reader: "RunReader") -> None:
        self._reader = reader
        self._examined: tuple[Finding, ...] = ()
        self._seen: RunFigures | None = None
        self._whole: RunFigures | None = None

    def look(self) -> RunFigures | None:
        """Return the newest figures, with the findings of `examine`."""
        figures = self._reader.look() or self._reader.newest
        if figures is None or not self._examined:
            return figures
        if figures is not self._seen or self._whole is None:
            self._seen, self._whole = figures, _with_findings(figures, self._examined)
        return self._whole

    def examine(self) -> None:
        """Examine the events, checkpoints and newest weights of the run, whether its layers were measured or not.

        Takes seconds.

        Raises:
            NntermError: the data are missing, or the run is damaged.
        """
        from engine.runs.diagnosis import diagnose_run

        self._examined, self._whole = tuple(diagnose_run(self._reader.run)), None

    def propose(self, finding: Finding) -> Proposal:
        """Return the effect of the suggested fix on the run in its current state.

        Raises:
            RunError: the fix cannot be applied, or the run cannot be read.
        """
        from engine.errors import RunError
        from engine.runs.remedy import plan_remedy

        run = self._reader.run
        plan = plan_remedy(run, finding)
        if plan.refused:
            raise RunError(plan.refused)
        rate = run.status().base_learning_rate
        raw = run.experiment().to_raw()
        draft, _ = with_fix(raw, plan.changes)
        return Proposal(f"{plan.sentence}.", changes_of(raw, plan.changes, rate), plan, complete(draft))

    def carry_out(self, proposal: Proposal) -> str | None:
        """Apply the fix; return the name of the new run, or None if this run was changed.

        Raises:
            RunError: the fix can no longer be applied.
        """
        from engine.runs.remedy import carry_out

        return carry_out(self._reader.run, proposal.plan)


def _with_findings(figures: RunFigures, more: Sequence[Finding]) -> RunFigures:
    from engine.doctor import arrange

    return replace(figures, findings=tuple(arrange([*figures.findings, *more])))
