"""The earlier versions of a draft, for undo and redo."""

from tui.draft.tables import Draft

_MOST = 200
"""Maximum number of changes that can be undone."""


class DraftHistory:
    """The current draft and its earlier versions; owned by the Build screen.

    Consecutive changes with the same non-empty tag count as one change (cycling through choices).
    """

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self._past: list[Draft] = []
        self._future: list[Draft] = []
        self._tag = ""

    def change(self, draft: Draft, tag: str = "") -> bool:
        """Make `draft` the current one; return False if it equals the current one."""
        if draft == self.draft:
            return False
        if not tag or tag != self._tag:
            self._past = [*self._past, self.draft][-_MOST:]
        self.draft, self._tag, self._future = draft, tag, []
        return True

    def withdraw(self, tag: str) -> bool:
        """Discard the last change, without a redo, if it has this tag; return False if not."""
        if not tag or tag != self._tag or not self._past:
            return False
        self.draft, self._tag = self._past.pop(), ""
        return True

    def undo(self) -> bool:
        """Undo the last change; return False if there is nothing to undo."""
        return self._travel(self._past, self._future)

    def redo(self) -> bool:
        """Redo the last undone change; return False if there is nothing to redo."""
        return self._travel(self._future, self._past)

    def _travel(self, source: list[Draft], target: list[Draft]) -> bool:
        if not source:
            return False
        target.append(self.draft)
        self.draft, self._tag = source.pop(), ""
        return True
