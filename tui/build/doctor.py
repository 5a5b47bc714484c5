"""The doctor on the Build screen: looks at a draft that rests, counts what it found, and mends."""

import asyncio
from collections.abc import Sequence
from typing import Any

from textual import work

from engine.events import Finding
from tui.build.draft_case import Diagnose, DraftCase, diagnose
from tui.build.page import BuildPage
from tui.draft.tables import Draft
from tui.follow.run_findings import MARKS, most_severe

REST_S = 0.6
"""How long a draft must stand unchanged before its data are read."""


class DraftDoctor(BuildPage):
    """Asks the doctor about the draft in the editor, once it is judged and rests.

    Args:
        diagnose: what the doctor is asked by.
    """

    def __init__(self, diagnose: Diagnose = diagnose) -> None:
        super().__init__()
        self._diagnose = diagnose
        self._diagnosed: tuple[Draft, Sequence[Finding]] | None = None

    def judged(self) -> None:
        """Ask the doctor too; what was found of another draft no longer counts."""
        draft = self.editor.draft
        if draft is not None and (self._diagnosed is None or self._diagnosed[0] is not draft):
            self._diagnosed, self.bar.found = None, ""
            self.refresh_bindings()
            self._ask_doctor(draft)

    @work(exclusive=True, group="doctor")
    async def _ask_doctor(self, draft: Draft) -> None:
        await asyncio.sleep(REST_S)
        findings = await asyncio.to_thread(self._diagnose, draft)
        if draft is self.editor.draft:
            self._diagnosed, self.bar.found = (draft, findings), in_words(findings)
            self.refresh_bindings()

    @property
    def has_findings(self) -> bool:
        """Whether the doctor found something in the draft as it is."""
        return self._diagnosed is not None and bool(self._diagnosed[1])

    def action_doctor(self) -> None:
        """Open what the doctor found."""
        from tui.findings.screen import FindingsScreen

        if self._diagnosed is not None:
            self.app.push_screen(FindingsScreen(DraftCase(*self._diagnosed), self._mended))

    def _mended(self, draft: Any) -> None:
        self.editor.change(draft)
        self.session.draft = self.editor.draft  # at once: coming back, the screen takes up the session's
        self.bar.focus()


def in_words(findings: Sequence[Finding]) -> str:
    """Return `▲ 2 findings`, with the mark of the gravest; empty where there are none."""
    worst = most_severe(findings)
    if worst is None:
        return ""
    return f"{MARKS[worst.severity]} {len(findings)} finding{'s' if len(findings) > 1 else ''}"
