"""The findings of a run as they arise, in the order in which the doctor tells them."""

from collections.abc import Sequence

from engine.events import AnyEvent, Finding, Finished, Resumed

MOST = 200
"""Findings that are kept: more than there are codes and layers in any usual network."""
MARKS = {"error": "✗", "warning": "▲", "info": "·"}
"""A sign for each severity: colour is never the only one."""
_WEIGHTS = {"error": 0, "warning": 1, "info": 2}


class RunFindings:
    """Keeps what was found; a finding that comes again, or graver, counts once."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._arranged: tuple[Finding, ...] | None = ()
        self._before = 0
        """How many there were before those that follow each other now."""
        self._of_course: int | None = None
        """How many there were before those that judge a training that has ended, as a whole."""

    def hear(self, event: AnyEvent) -> None:
        """Take in the next event of a run: a finding, or what takes findings back."""
        match event:
            case Finding():
                self.add(event)
                return
            case Finished():
                self._of_course = self._before
            case Resumed():
                self.cut(event.step)
        self._before = len(self._findings)

    def add(self, finding: Finding) -> None:
        """Take in what was found; beyond `MOST` nothing is."""
        if len(self._findings) < MOST:
            self._findings.append(finding)
            self._arranged = None

    def cut(self, step: int) -> None:
        """Forget what was found after `step` updates, and what was said of an end that is none any more."""
        of_course = self._findings[: self._of_course]
        self._findings = [finding for finding in of_course if finding.step <= step]
        self._arranged, self._of_course = None, None

    def findings(self) -> tuple[Finding, ...]:
        """Return each once per code and layer, causes before their symptoms."""
        if self._arranged is None:
            from engine.doctor import arrange

            self._arranged = tuple(arrange(self._findings))
        return self._arranged


def gravest(findings: Sequence[Finding]) -> Finding | None:
    """Return the first of the gravest; None where there is none."""
    return min(findings, key=lambda finding: _WEIGHTS[finding.severity], default=None)
