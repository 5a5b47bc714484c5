"""The palette's commands."""

from functools import partial
from typing import Any

from textual.app import App
from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.actions import PALETTE_SCREENS, TopScreen
from tui.shell.active_actions import Action, active_actions


def _way_to(screen: TopScreen, app: App[Any]) -> Action:
    """Return the action that opens a screen without a key."""
    text = f"go to {screen.title}: {screen.purpose}"
    return Action(app, screen.title, text, f"switch_mode('{screen.mode}')", enabled=True)


class Actions(Provider):
    """The palette's commands: every action that has a key now, and every screen."""

    async def discover(self) -> Hits:
        """Yield all actions."""
        for action in self._actions():
            yield DiscoveryHit(action.text, self._runner(action), help=" · ".join(action.keys))

    async def search(self, query: str) -> Hits:
        """Yield the actions whose text matches `query`."""
        matcher = self.matcher(query)
        for action in self._actions():
            score = matcher.match(action.text)
            if score > 0:
                yield Hit(
                    score, matcher.highlight(action.text), self._runner(action), help=" · ".join(action.keys)
                )

    def _actions(self) -> list[Action]:
        """Return the palette's actions: all enabled ones but itself and moves of a cursor."""
        enabled = (action for action in active_actions(self.screen) if action.enabled)
        listed = [action for action in enabled if action.action != "command_palette"]
        return [*listed, *(_way_to(screen, self.app) for screen in PALETTE_SCREENS)]

    def _runner(self, action: Action) -> "partial[Any]":
        return partial(self.app.run_action, action.action, action.node)
