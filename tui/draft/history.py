"""What a draft was before each change, for undo and redo."""

from tui.draft.tables import Draft

_MOST = 200
"""Changes that are remembered."""


class DraftHistory:
    """The draft as it is and as it was; owned by the Build screen.

    Changes that carry the same non-empty tag, one after the other, are one change (leafing through choices).
    """

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self._past: list[Draft] = []
        self._future: list[Draft] = []
        self._tag = ""

    def change(self, draft: Draft, tag: str = "") -> bool:
        """Make `draft` the current one; False where it is the same."""
        if draft == self.draft:
            return False
        if not tag or tag != self._tag:
            self._past = [*self._past, self.draft][-_MOST:]
        self.draft, self._tag, self._future = draft, tag, []
        return True

    def withdraw(self, tag: str) -> bool:
        """Go back before the change of this tag as if it had never been made; False where it is not the last."""
        if not tag or tag != self._tag or not self._past:
            return False
        self.draft, self._tag = self._past.pop(), ""
        return True

    def undo(self) -> bool:
        """Go back before the last change; False at the first."""
        return self._travel(self._past, self._future)

    def redo(self) -> bool:
        """Take back the last undo; False where there is none."""
        return self._travel(self._future, self._past)

    def _travel(self, source: list[Draft], target: list[Draft]) -> bool:
        if not source:
            return False
        target.append(self.draft)
        self.draft, self._tag = source.pop(), ""
        return True
