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
        self._n_before_group = 0
        """How many there were before those that follow each other now."""
        self._n_during_training: int | None = None
        """How many there were before those that judge a training that has ended, as a whole."""

    def absorb(self, event: AnyEvent) -> None:
        """Take in the next event of a run: a finding, or what takes findings back."""
        match event:
            case Finding():
                self.add(event)
                return
            case Finished():
                self._n_during_training = self._n_before_group
            case Resumed():
                self.cut(event.step)
        self._n_before_group = len(self._findings)

    def add(self, finding: Finding) -> None:
        """Take in what was found; beyond `MOST` nothing is."""
        if len(self._findings) < MOST:
            self._findings.append(finding)
            self._arranged = None

    def cut(self, step: int) -> None:
        """Forget what was found after `step` updates, and what was said of an end that is none any more."""
        during_training = self._findings[: self._n_during_training]
        self._findings = [finding for finding in during_training if finding.step <= step]
        self._arranged, self._n_during_training = None, None

    def findings(self) -> tuple[Finding, ...]:
        """Return each once per code and layer, causes before their symptoms."""
        if self._arranged is None:
            from engine.doctor import arrange

            self._arranged = tuple(arrange(self._findings))
        return self._arranged


def most_severe(findings: Sequence[Finding]) -> Finding | None:
    """Return the first of the gravest; None where there is none."""
    return min(findings, key=lambda finding: _WEIGHTS[finding.severity], default=None)
