"""The palette's commands: everything that has a name, the best match first."""

import asyncio
import heapq
from collections.abc import Iterable
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from tui.palette import index
from tui.palette.entry import PaletteEntry
from tui.shell.active_actions import Action, active_actions
from tui.shell.lab import LabApp
from tui.words.plain import plain

MOST = 50
"""Entries listed at once."""
NAME_WIDTH = 24
WIDTH = 90
"""Maximum columns of the palette, as its style says."""
_AROUND = 6
"""Columns of its border, padding and scrollbar."""
_KINDS = {"action elsewhere": "action"}
_SKIPPED = ("command_palette", "back")


class Everything(Provider):
    """Actions of the present screen, then screens, views, datasets, runs, settings, themes, terms, other actions."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._here: list[PaletteEntry] = []
        self._named: list[PaletteEntry] = []
        self._elsewhere: list[PaletteEntry] = []
        self._collecting: asyncio.Task[None] | None = None

    @property
    def lab(self) -> LabApp:
        """The app, typed as LabApp."""
        app = self.app
        if not isinstance(app, LabApp):
            raise TypeError("the palette belongs in the nnterm app")
        return app

    async def startup(self) -> None:
        """Start to collect the entries; typing on must not wait for them, nor cancel that."""
        actions = (action for action in active_actions(self.screen) if not _is_skipped(action))
        self._here = [self._of_action(action) for action in actions]
        self._collecting = asyncio.create_task(self._collect())

    async def _collect(self) -> None:
        """Collect what has a name; folders are read and modules imported in threads, the slowest last."""
        app, mode = self.lab, str(getattr(self.screen, "mode", ""))
        self._named = await asyncio.to_thread(
            lambda: [
                *index.fixed_entries(app),
                *index.theme_entries(app),
                *index.file_entries(app),
                *index.run_entries(app),
            ]
        )
        self._elsewhere = await asyncio.to_thread(index.actions_elsewhere, app, mode)

    async def collected(self) -> list[PaletteEntry]:
        """Return all entries, once they are known."""
        if self._collecting is not None:
            await asyncio.shield(self._collecting)
        return [*self._here, *self._named, *self._elsewhere]

    async def shutdown(self) -> None:
        """Stop collecting."""
        if self._collecting is not None:
            self._collecting.cancel()

    async def discover(self) -> Hits:
        """Yield the actions of the present screen, then screens and views."""
        entries = await self.collected()
        listed = [entry for entry in entries if entry in self._here or entry.kind in ("screen", "view")]
        for entry in listed:
            yield DiscoveryHit(self._line(entry), entry.choose, text=plain(entry.name))

    async def search(self, query: str) -> Hits:
        """Yield the best matches."""
        for score, entry in best(query, await self.collected()):
            yield Hit(score, self._line(entry), entry.choose, text=plain(entry.name))

    def _of_action(self, action: Action) -> PaletteEntry:
        name = action.action.partition("(")[0]
        return PaletteEntry(
            action.name or action.text,
            "action",
            partial(self.app.run_action, action.action, action.node),
            action.text,
            " ".join(action.keys),
            index.ALIASES.get(name, ()),
        )

    def _line(self, entry: PaletteEntry) -> Content:
        """Return `Matrix  view  M  Inspect: which classes …`, cut to the palette's width."""
        kind = _KINDS.get(entry.kind, entry.kind)
        name = Content(plain(entry.name))
        pad = " " * max(2, NAME_WIDTH - name.cell_length)
        keys = f"  {entry.keys}" if entry.keys else ""
        line = Content.assemble(
            name, pad, (f"{kind:<8}", "$primary"), (keys, "bold $accent"), f"  {plain(entry.detail)}"
        )
        return line.truncate(min(self.app.size.width, WIDTH) - _AROUND, ellipsis=True)


def _is_skipped(action: Action) -> bool:
    """Return whether an action is listed as something else: going to a screen, or opening a view."""
    name = action.action.partition("(")[0]
    return name in _SKIPPED or name in ("switch_mode", "view")


def best(query: str, entries: Iterable[PaletteEntry]) -> list[tuple[float, PaletteEntry]]:
    """Return the best matches with their scores, the best first."""
    scored = ((entry.score(query), -i, entry) for i, entry in enumerate(entries))
    found = heapq.nlargest(MOST, (one for one in scored if one[0] > 0))
    return [(score, entry) for score, _, entry in found]
