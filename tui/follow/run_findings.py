"""The findings of a run, gathered from its events and arranged by the doctor."""

from collections.abc import Sequence

from engine.events import AnyEvent, Finding, Finished, Resumed

MOST = 200
"""Maximum findings: more than the codes and layers of any usual network give."""
MARKS = {"error": "✗", "warning": "▲", "info": "·"}
"""Sign of each severity; no severity is shown by colour alone."""
_WEIGHTS = {"error": 0, "warning": 1, "info": 2}


class RunFindings:
    """Stores findings; one that is repeated or becomes more severe counts once."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._arranged: tuple[Finding, ...] | None = ()
        self._n_before_group = 0
        """Number of findings before the current sequence of consecutive ones."""
        self._n_during_training: int | None = None
        """Number of findings made during the training, without those on the whole training at its end."""

    def absorb(self, event: AnyEvent) -> None:
        """Process the next event: a finding, the end of the training, or a resume."""
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
        """Add a finding; beyond `MOST` it is ignored."""
        if len(self._findings) < MOST:
            self._findings.append(finding)
            self._arranged = None

    def cut(self, step: int) -> None:
        """Drop the findings after update `step`, and those on the end of a training that was resumed."""
        during_training = self._findings[: self._n_during_training]
        self._findings = [finding for finding in during_training if finding.step <= step]
        self._arranged, self._n_during_training = None, None

    def findings(self) -> tuple[Finding, ...]:
        """Return the findings, one per code and layer, causes before their symptoms."""
        if self._arranged is None:
            from engine.doctor import arrange

            self._arranged = tuple(arrange(self._findings))
        return self._arranged


def most_severe(findings: Sequence[Finding]) -> Finding | None:
    """Return the first of the most severe findings; None without findings."""
    return min(findings, key=lambda finding: _WEIGHTS[finding.severity], default=None)
