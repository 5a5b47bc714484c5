"""The findings in one line: their number and the most severe one."""

from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from engine.runs.commands import LEARNING_RATE
from engine.words import counted
from tui.charts.tones import MUTED
from tui.follow.run_findings import MARKS, most_severe
from tui.words.events import is_divergence

if TYPE_CHECKING:
    from engine.events import Finding

STYLES = {"error": "$text-error", "warning": "$text-warning", "info": "$text-muted"}
"""Style of each severity, shown together with its mark."""


def _told(finding: "Finding") -> str:
    """The message; of a divergence, which the screen tells anyway, the suggested fix."""
    if not is_divergence(finding):
        return finding.message
    rate = finding.remedy.get(LEARNING_RATE)
    return (
        f"suggested fix: learning rate {rate:g}" if isinstance(rate, int | float) else "see the suggested fix"
    )


class FindingStrip(Widget):
    """Shows `findings` in one line; hidden without findings."""

    ALLOW_SELECT = False
    DEFAULT_CSS = (
        "FindingStrip { height: 1; padding: 0 1; display: none; } FindingStrip.-some { display: block; }"
    )

    findings: "reactive[tuple[Finding, ...]]" = reactive(())

    def watch_findings(self, findings: "tuple[Finding, ...]") -> None:
        """Show the line if there are findings."""
        self.set_class(bool(findings), "-some")

    def render(self) -> Content:
        """Return the line."""
        worst = most_severe(self.findings)
        if worst is None:
            return Content("")
        n = len(self.findings)
        style = STYLES[worst.severity]
        line = Content.assemble(
            (f"{MARKS[worst.severity]} {counted(n, 'finding')} · ", f"bold {style}"),
            ("d", "bold $text-accent"),
            (f"  {worst.code.replace('-', ' ')}: ", style),
            (_told(worst), MUTED),
        )
        return line.truncate(self.size.width, ellipsis=True)
