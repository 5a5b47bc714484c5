"""The registry of actions: the screens, the app's keys, and the actions that help and palette list.

An action is declared once, as a key binding: the key bar shows its description, help and palette its tooltip.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any

from textual.app import App
from textual.binding import ActiveBinding, Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.dom import DOMNode
from textual.screen import Screen

MOVE = Binding.Group("move")
"""The group of bindings that move a cursor: the help lists them, the palette does not."""
ARROWS = (
    Binding("up,k", "move(0, -1)", "up", group=MOVE, show=False),
    Binding("down,j", "move(0, 1)", "down", group=MOVE, show=False),
    Binding("left,h", "move(-1, 0)", "left", group=MOVE, show=False),
    Binding("right,l", "move(1, 0)", "right", group=MOVE, show=False),
)
"""Bindings of a cursor on a plane; the widget's `action_move(across, down)` moves it."""
LIST_KEYS = (
    Binding("j", "cursor_down", "down", show=False, group=MOVE),
    Binding("k", "cursor_up", "up", show=False, group=MOVE),
)
"""Bindings of a table or list of Textual, in addition to its arrow keys."""
SCROLL_KEYS = (
    Binding("up,k", "scroll_up", "up", show=False, group=MOVE),
    Binding("down,j", "scroll_down", "down", show=False, group=MOVE),
)
"""Bindings of a container that scrolls."""

TEXTUAL_WORDS = {
    "app.focus_next": "to the next panel",
    "app.focus_previous": "to the previous panel",
    "screen.copy_text": "copy the selected text",
}
"""Our descriptions of the bindings that Textual adds to every screen; the palette omits them."""


@dataclass(frozen=True)
class TopScreen:
    """A top-level screen: a mode of the app."""

    mode: str
    title: str
    digit: str
    key: str
    """The function key, which works even while text is typed."""
    purpose: str
    home: str
    """module:class, imported when it is first shown, so that starting stays fast."""

    def make(self) -> Screen[Any]:
        """Return a new screen, or a placeholder that shows why its module cannot be imported."""
        try:
            screen: Screen[Any] = _class_at(self.home)()
        except Exception as error:  # whatever is wrong with one file must not end the app
            screen = _class_at(PLACEHOLDER)(self, error)
        return screen


PLACEHOLDER = "tui.shell.placeholder:Placeholder"
"""The screen that stands for one that cannot be opened."""


def _class_at(home: str) -> Any:
    """Return the class at "module:class"."""
    module, _, name = home.partition(":")
    return getattr(import_module(module), name)


SCREENS = (
    TopScreen("data", "Data", "1", "f2", "choose and look at data", "tui.data.screen:DataScreen"),
    TopScreen(
        "build", "Build", "2", "f3", "the network and how it is trained", "tui.build.screen:BuildScreen"
    ),
    TopScreen("train", "Train", "3", "f4", "watch a training and steer it", "tui.train.screen:TrainScreen"),
    TopScreen(
        "gradients", "Gradients", "4", "f5", "prove the gradients", "tui.gradients.screen:GradientsScreen"
    ),
    TopScreen(
        "inspect",
        "Inspect",
        "5",
        "f6",
        "look inside a trained network",
        "tui.inspect.screen:InspectScreen",
    ),
    TopScreen("runs", "Runs", "6", "f7", "come back to a run, compare several", "tui.runs.screen:RunsScreen"),
)
"""The top-level screens with a key, in the order of their keys: a new screen is one row here and one file."""

PALETTE_SCREENS = (
    TopScreen(
        "devices",
        "Devices",
        "",
        "",
        "what computes here, and whether PyTorch fits it",
        "tui.devices.screen:DevicesScreen",
    ),
)
"""The top-level screens without a key, opened by the palette."""

APP_BINDINGS = (
    *(
        Binding(
            f"{screen.digit},{screen.key}",
            f"switch_mode('{screen.mode}')",
            screen.title,
            show=False,
            tooltip=f"go to {screen.title}: {screen.purpose}",
            id=f"go.{screen.mode}",
        )
        for screen in SCREENS
    ),
    Binding(
        "question_mark,f1", "help", "help", key_display="?", tooltip="the keys of this screen", id="help"
    ),
    Binding(
        "ctrl+p", "command_palette", "palette", show=False, tooltip="find an action by its name", id="palette"
    ),
    Binding("ctrl+q", "quit", "quit", tooltip="leave nnterm; a training may go on", id="quit", priority=True),
)


@dataclass
class Action:
    """An available action: the node that declares it, its text and its keys."""

    node: DOMNode
    text: str
    action: str
    enabled: bool
    is_move: bool
    keys: list[str] = field(default_factory=list)


def active_actions(screen: Screen[Any]) -> list[Action]:
    """Return the actions of `screen` and its focused widget, each once, the nearest to the focus first."""
    actions: dict[tuple[int, str], Action] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        text = TEXTUAL_WORDS.get(binding.action) or binding.tooltip or binding.description
        if text and not binding.system:
            action = actions.setdefault((id(active.node), binding.action), _action(active, text))
            key = screen.app.get_key_display(binding)
            if key not in action.keys:
                action.keys.append(key)
    return list(actions.values())


def _action(active: ActiveBinding, text: str) -> Action:
    binding = active.binding
    is_move = binding.group is MOVE or binding.action in TEXTUAL_WORDS
    return Action(active.node, text, binding.action, active.enabled, is_move)


def grouped_actions(screen: Screen[Any]) -> Iterator[tuple[str, list[Action]]]:
    """Yield the help's headings with their actions: of the focused widget, the screen, the app."""
    actions = active_actions(screen)
    heads = {"here": "where you are", "screen": "this screen", "app": "everywhere"}
    for kind, head in heads.items():
        group = [action for action in actions if _kind(action.node) == kind]
        if group:
            yield head, group


def _kind(node: DOMNode) -> str:
    if isinstance(node, App):
        return "app"
    return "screen" if isinstance(node, Screen) else "here"


def _way_to(screen: TopScreen, app: App[Any]) -> Action:
    """Return the action that opens a screen without a key."""
    text = f"go to {screen.title}: {screen.purpose}"
    return Action(app, text, f"switch_mode('{screen.mode}')", enabled=True, is_move=False)


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
        listed = [action for action in enabled if not action.is_move and action.action != "command_palette"]
        return [*listed, *(_way_to(screen, self.app) for screen in PALETTE_SCREENS)]

    def _runner(self, action: Action) -> "partial[Any]":
        return partial(self.app.run_action, action.action, action.node)
