"""The list of the findings of a run or a draft."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from engine.events import Finding
from tui.actions import LIST_KEYS
from tui.charts.tones import MUTED
from tui.findings.finding_strip import STYLES
from tui.follow.run_findings import MARKS


class FindingList(OptionList):
    """An entry per finding; the cursor stays on its finding while others come and go."""

    DEFAULT_CSS = """
    FindingList { text-wrap: nowrap; text-overflow: ellipsis; }
    FindingList > .option-list--option-highlighted, FindingList:focus > .option-list--option-highlighted {
        background: $block-cursor-blurred-background; color: $text; text-style: bold;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "explain", tooltip="show the explanation, or the evidence again"),
        *LIST_KEYS,
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.findings: tuple[Finding, ...] = ()
        """The findings shown, in order."""
        self.can_explain = True
        """False if the explanation is shown without a key."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enable enter while the explanation is not shown anyway."""
        return self.can_explain if action == "select" else True

    @property
    def selected(self) -> Finding | None:
        """The finding under the cursor."""
        at = self.highlighted
        return self.findings[at] if at is not None and at < len(self.findings) else None

    def show(self, findings: Sequence[Finding]) -> None:
        """Replace the findings."""
        if self.findings == tuple(findings):
            return
        before, self.findings = self.selected, tuple(findings)
        self.clear_options()
        self.add_options(Option(_prompt(finding)) for finding in findings)
        keys = [(finding.code, finding.layer) for finding in findings]
        key = (before.code, before.layer) if before else None
        if keys:
            self.highlighted = keys.index(key) if key in keys else 0


def code_words(finding: Finding) -> str:
    """Return the code of a finding with spaces: `learning rate high`."""
    return finding.code.replace("-", " ")


def _prompt(finding: Finding) -> Content:
    """Mark and code, with layer and step below; a symptom is indented below its cause."""
    shift = "  " if finding.cause else ""
    place = " · ".join(part for part in (finding.layer, f"step {finding.step:,}") if part)
    head = Content.assemble(
        shift, (MARKS[finding.severity], f"bold {STYLES[finding.severity]}"), f" {code_words(finding)}"
    )
    return Content("\n").join([head, Content.styled(f"{shift}  {place}", MUTED)])
