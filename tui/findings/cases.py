"""A case for the Findings screen: a run with what the doctor found in it, and how its remedies are carried out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from engine.events import Finding
from tui.follow.run_figures import RunFigures
from tui.words.changes import Changes, changes_of

if TYPE_CHECKING:
    from tui.follow.reader import RunReader


@dataclass(frozen=True)
class Proposal:
    """What carrying out a remedy would do."""

    sentence: str
    changes: Changes
    """Dotted keys with their values before and after."""
    plan: Any
    """What the case itself needs to do it."""


class FindingsCase(Protocol):
    """What the Findings screen looks at. Every call may read or write files: not for the event loop."""

    mode: str
    """That of the screen below."""
    can_examine: bool
    """Whether there is more to look at than what was found so far."""

    def examine(self) -> None:
        """Look at everything that there is; what is found then counts too.

        Raises:
            NntermError: the data are gone, or something is damaged.
        """

    def look(self) -> RunFigures | None:
        """Return the findings, with the figures they are drawn from; None where nothing is known yet."""

    def propose(self, finding: Finding) -> Proposal:
        """Return what the remedy of `finding` would do now.

        Raises:
            NntermError: it cannot be carried out, and why.
        """

    def carry_out(self, proposal: Proposal) -> Any:
        """Do it, and return what came of it.

        Raises:
            NntermError: it cannot be done any more.
        """


class RunCase:
    """A run that trains or has trained.

    Args:
        reader: what follows it.
    """

    mode = "train"
    can_examine = True

    def __init__(self, reader: "RunReader") -> None:
        self._reader = reader
        self._examined: tuple[Finding, ...] = ()
        self._seen: RunFigures | None = None
        self._whole: RunFigures | None = None

    def look(self) -> RunFigures | None:
        """Return the newest figures, with what was found by examining."""
        figures = self._reader.look() or self._reader.newest
        if figures is None or not self._examined:
            return figures
        if figures is not self._seen or self._whole is None:
            self._seen, self._whole = figures, _with_findings(figures, self._examined)
        return self._whole

    def examine(self) -> None:
        """Look at the run's events, checkpoints and newest weights, measured or not; takes seconds.

        Raises:
            NntermError: its data are gone, or it is damaged.
        """
        from engine.runs.diagnosis import diagnose_run

        self._examined, self._whole = tuple(diagnose_run(self._reader.run)), None

    def propose(self, finding: Finding) -> Proposal:
        """Return what the remedy would do to the run as it stands.

        Raises:
            RunError: it cannot be carried out, or the run cannot be read.
        """
        from engine.errors import RunError
        from engine.runs.remedy import plan_remedy

        run = self._reader.run
        plan = plan_remedy(run, finding)
        if plan.refused:
            raise RunError(plan.refused)
        rate = run.status().base_learning_rate
        return Proposal(f"{plan.sentence}.", changes_of(run.experiment().to_raw(), plan.changes, rate), plan)

    def carry_out(self, proposal: Proposal) -> str | None:
        """Do it; return the name of the new run, or None where this one was changed.

        Raises:
            RunError: it cannot be done any more.
        """
        from engine.runs.remedy import carry_out

        return carry_out(self._reader.run, proposal.plan)


def _with_findings(figures: RunFigures, more: Sequence[Finding]) -> RunFigures:
    from engine.doctor import arrange

    return replace(figures, findings=tuple(arrange([*figures.findings, *more])))
