"""The earlier versions of a draft, for undo and redo."""

from tui.draft.tables import Draft

_MOST = 200
"""Maximum number of changes that can be undone."""


class DraftHistory:
    """The current draft and its earlier versions; owned by the Build screen."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self._past: list[Draft] = []
        self._future: list[Draft] = []

    def change(self, draft: Draft) -> bool:
        """Make `draft` the current one; return False if it equals the current one."""
        if draft == self.draft:
            return False
        self._past = [*self._past, self.draft][-_MOST:]
        self.draft, self._future = draft, []
        return True

    @property
    def can_undo(self) -> bool:
        """True if there is a change to undo."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """True if there is an undone change to redo."""
        return bool(self._future)

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
        self.draft = source.pop()
        return True
