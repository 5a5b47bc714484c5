"""The doctor on the Build screen: diagnoses a draft that is not being edited, and applies suggested fixes."""

import asyncio
from collections.abc import Sequence
from typing import Any

from textual import work

from engine.events import Finding
from engine.words import counted
from tui.build.draft_case import Diagnose, DraftCase, diagnose
from tui.build.page import BuildPage
from tui.draft.tables import Draft
from tui.follow.run_findings import MARKS, most_severe

REST_S = 0.6
"""Seconds that a draft must stay unchanged before its data are read."""


class DraftDoctor(BuildPage):
    """Diagnoses the draft in the editor once it is assessed and no longer edited.

    Args:
        diagnose: returns the findings of a draft.
    """

    def __init__(self, diagnose: Diagnose = diagnose) -> None:
        super().__init__()
        self._diagnose = diagnose
        self._diagnosed: tuple[Draft, Sequence[Finding]] | None = None

    def assessed(self) -> None:
        """Show the findings on the draft; diagnose it if they are not known yet."""
        draft = self.editor.draft
        if self._diagnosed is not None and self._diagnosed[0] is draft:
            self.bar.found = in_words(self._diagnosed[1])
        elif draft is not None:
            self._diagnosed, self.bar.found = None, ""
            self._diagnose_later(draft)
        self.refresh_bindings()

    @work(exclusive=True, group="doctor")
    async def _diagnose_later(self, draft: Draft) -> None:
        await asyncio.sleep(REST_S)
        findings = await asyncio.to_thread(self._diagnose, draft)
        if draft is self.editor.draft:
            self._diagnosed = (draft, findings)
            self.bar.found = "" if self.is_offering else in_words(findings)
            self.refresh_bindings()

    @property
    def has_findings(self) -> bool:
        """True if the doctor has findings about the current draft."""
        return self._diagnosed is not None and bool(self._diagnosed[1])

    def action_doctor(self) -> None:
        """Open the findings."""
        from tui.findings.screen import FindingsScreen

        if self._diagnosed is not None:
            self.app.push_screen(FindingsScreen(DraftCase(*self._diagnosed), self._apply_fix))

    def _apply_fix(self, draft: Any) -> None:
        self.editor.change(draft)
        self.session.draft = self.editor.draft  # at once: on return the screen adopts the session's draft
        self.bar.focus()


def in_words(findings: Sequence[Finding]) -> str:
    """Return `▲ 2 findings`, with the mark of the most severe one; empty if there are none."""
    worst = most_severe(findings)
    if worst is None:
        return ""
    return f"{MARKS[worst.severity]} {counted(len(findings), 'finding')}"
