"""The one registry of what can be done: the screens, the app's own keys, and what help and palette know of the rest.

A key binding is the single place where an action is declared: its description stands in the footer, its tooltip in the
help and the palette.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from textual.app import App
from textual.binding import ActiveBinding, Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.dom import DOMNode
from textual.screen import Screen

MOVE = Binding.Group("move")
"""For bindings that move a cursor: the help lists them, the palette does not."""
ARROWS = (
    Binding("up,k", "move(0, -1)", "up", group=MOVE, show=False),
    Binding("down,j", "move(0, 1)", "down", group=MOVE, show=False),
    Binding("left,h", "move(-1, 0)", "left", group=MOVE, show=False),
    Binding("right,l", "move(1, 0)", "right", group=MOVE, show=False),
)
"""For a cursor on a plane; the widget's `action_move(across, down)` moves it."""
LIST_KEYS = (
    Binding("j", "cursor_down", "down", show=False, group=MOVE),
    Binding("k", "cursor_up", "up", show=False, group=MOVE),
)
"""For a table or list of Textual's, in addition to its arrow keys."""
SCROLL_KEYS = (
    Binding("up,k", "scroll_up", "up", show=False, group=MOVE),
    Binding("down,j", "scroll_down", "down", show=False, group=MOVE),
)
"""For a container that scrolls."""


TEXTUAL_WORDS = {
    "app.focus_next": "to the next panel",
    "app.focus_previous": "to the previous panel",
    "screen.copy_text": "copy the selected text",
}
"""Our words for what Textual itself binds on every screen; the palette leaves these out."""


@dataclass(frozen=True)
class TopScreen:
    """A top-level screen: a mode of the app."""

    mode: str
    title: str
    digit: str
    key: str
    """The function key that works even while text is typed."""
    purpose: str
    home: str
    """module:class, imported when it is first shown, so that starting stays fast."""

    def make(self) -> Screen[Any]:
        """Return a new screen; while its module does not exist, one that says so."""
        module, name = self.home.split(":")
        if not _exists(module):
            module, name = "tui.shell.placeholder", "Placeholder"
            screen: Screen[Any] = getattr(import_module(module), name)(self)
        else:
            screen = getattr(import_module(module), name)()
        return screen


def _exists(module: str) -> bool:
    """Whether a module, and the package that it lies in, can be found."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


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
"""Every top-level screen, in the order of its key: a new one is one row here and one file."""

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
"""Screens without a key, which the palette alone leads to."""

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
    """Something that can be done now: where it is declared, in which words, by which keys."""

    node: DOMNode
    text: str
    action: str
    enabled: bool
    is_move: bool
    keys: list[str] = field(default_factory=list)


def active_actions(screen: Screen[Any]) -> list[Action]:
    """Return the actions that `screen` and what has the focus there would take now, each once, the nearest first."""
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
    """Yield what stands over the keys in the help, and the actions below it: of the focus, the screen, the app."""
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
    """The action that leads to a screen without a key."""
    text = f"go to {screen.title}: {screen.purpose}"
    return Action(app, text, f"switch_mode('{screen.mode}')", enabled=True, is_move=False)


class Actions(Provider):
    """The palette's commands: whatever has a key here, and the way to each screen."""

    async def discover(self) -> Hits:
        """Yield all of them."""
        for action in self._actions():
            yield DiscoveryHit(action.text, self._doer(action), help=" · ".join(action.keys))

    async def search(self, query: str) -> Hits:
        """Yield those whose words hold the letters of `query`."""
        matcher = self.matcher(query)
        for action in self._actions():
            score = matcher.match(action.text)
            if score > 0:
                yield Hit(
                    score, matcher.highlight(action.text), self._doer(action), help=" · ".join(action.keys)
                )

    def _actions(self) -> list[Action]:
        """Return what the palette lists: not itself, nor the moves of a cursor."""
        enabled = (action for action in active_actions(self.screen) if action.enabled)
        listed = [action for action in enabled if not action.is_move and action.action != "command_palette"]
        return [*listed, *(_way_to(screen, self.app) for screen in PALETTE_SCREENS)]

    def _doer(self, action: Action) -> "partial[Any]":
        return partial(self.app.run_action, action.action, action.node)
