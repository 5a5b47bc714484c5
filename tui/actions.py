"""The screens, the app's keys, and the table of keys: one key has one meaning on every screen.

An action is declared once, as a key binding: the key bar shows its description, help and palette its tooltip.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from textual.binding import Binding
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


BACK = Binding("escape", "back", "back", tooltip="back to the previous screen")
"""The app binds it; a screen with something to close first binds its own, and disables that while nothing is open."""
CHECK_GRADIENTS = Binding("g", "gradients", "check gradients", tooltip="check the gradients of this network")
CHECKPOINT = Binding("c", "checkpoint", "checkpoint", tooltip="save a checkpoint now")
DOCTOR = Binding("d", "doctor", "findings", tooltip="the doctor's findings, with evidence and fixes")
EXPERIMENTS = Binding("e", "trials", "experiments", tooltip="short experiments on this network")
FILTER = Binding("slash", "filter", "filter", key_display="/", tooltip="list only what matches")
FIX = Binding("m", "fix", "fix", tooltip="apply the suggested fix, after a look at what it changes")
FORK = Binding("f", "fork", "fork", tooltip="start a new run from a checkpoint, with changed settings")
PAUSE = Binding("space", "pause", "pause", tooltip="pause the training")
RESUME = Binding("space", "resume", "resume", tooltip="resume the training")
RETRAIN = Binding("r", "restart", "retrain", tooltip="train again from the same initial weights")
STOP = Binding("x", "stop", "stop", tooltip="save a checkpoint and stop the training")
REFRESH = Binding("ctrl+l", "refresh", "refresh", tooltip="read everything again")


ANY = "*"
"""Stands for any action, in a row of the table of keys."""


@dataclass(frozen=True)
class Key:
    """A row of the table of keys."""

    keys: str
    """Names of keys as Textual spells them, separated by commas."""
    meaning: str
    actions: str = ANY
    """Names of the actions that have this meaning, separated by spaces."""
    where: str = ""
    """"dialogs", "pad" or "walk": the row holds only there, and before rows that hold everywhere."""


MOVES = (
    "move cursor scroll scroll_up scroll_down scroll_left scroll_right scroll_rows scroll_home scroll_end scroll_top "
    "scroll_bottom page page_up page_down jump cursor_up cursor_down cursor_left cursor_right choose leave newest next "
    "layer tensor sample reference select"
)
"""Actions that move a cursor, choose the next of several things, or scroll."""

KEYS = (
    Key("up,down,left,right,h,j,k,l,home,end,pageup,pagedown", "move the cursor or scroll", MOVES),
    Key("enter", "open, choose, edit, apply"),
    Key("escape", "back"),
    Key("1,2,3,4,5,6,f2,f3,f4,f5,f6,f7", "go to a screen", "switch_mode"),
    Key("question_mark,f1", "help and glossary", "help"),
    Key("ctrl+p", "palette", "command_palette"),
    Key("q,ctrl+q,ctrl+c", "quit", "quit copy_or_quit"),
    Key("q,question_mark,f1,y", "close", "dismiss leave close", where="dialogs"),
    Key("y", "yes", "dismiss answer", where="dialogs"),
    Key("n", "no", "dismiss answer", where="dialogs"),
    Key("space", "pause or resume the training", "pause resume"),
    Key("space", "pen down or up", "pen", where="pad"),
    Key("s", "single step", "step"),
    Key("x", "stop or cancel", "stop cancel"),
    Key("r", "retrain from the same initial weights", "restart retrain"),
    Key("c", "save a checkpoint", "checkpoint"),
    Key("f", "fork", "fork"),
    Key("d", "findings of the doctor", "doctor leave back"),
    Key("e", "experiments", "trials leave back"),
    Key("g", "check gradients", "gradients check"),
    Key("G", "step through", "walk"),
    Key("m", "apply the suggested fix or setting", "fix"),
    Key("t", "train", "train"),
    Key("a", "add a layer", "add"),
    Key("ctrl+d", "duplicate the layer", "duplicate"),
    Key("J,K,shift+up,shift+down", "move the layer", "shift"),
    Key("delete", "remove, delete, clear", "remove clear zero delete"),
    Key("backspace", "remove, delete, or undo", "remove clear zero delete undo"),
    Key("u", "undo", "undo restore"),
    Key("ctrl+r", "redo", "redo"),
    Key("ctrl+u", "undo all", "undo_all"),
    Key("p", "presets", "presets"),
    Key("exclamation_mark", "train anyway", "force"),
    Key("o", "open a file", "open"),
    Key("w", "save a file", "save"),
    Key("y", "copy", "copy select"),
    Key("slash", "filter or find", "filter find jump fetch load search"),
    Key("v", "mark", "mark"),
    Key("V,tilde", "mark all, invert the marks", "mark_all invert invert_marks"),
    Key("b", "compare the marked runs", "compare"),
    Key("N", "rename", "rename"),
    Key("T", "tree", "tree"),
    Key("less_than_sign,greater_than_sign", "sort column", "sort"),
    Key("ctrl+e", "empty the trash", "empty"),
    Key("ampersand", "detach", "detach"),
    Key("number_sign", "tags and note", "tags annotate note"),
    Key("vertical_line", "choose columns", "columns"),
    Key("left_square_bracket,right_square_bracket", "previous or next running run", "other"),
    Key("comma,full_stop", "previous or next checkpoint", "move checkpoint"),
    Key(
        "left_curly_bracket,right_curly_bracket",
        "previous or next layer, tensor, output, disturbance, figure, sample",
        "layer tensor output next figure swap disturbance load",
    ),
    Key("plus,equals_sign,minus,underscore", "more or less", "step change rate zoom"),
    Key("0", "set to zero", "zero silence disable pen"),
    Key("n", "change how it is shown"),
    Key("S", "source of the data or the network", "split source"),
    Key("P", "precision", "dtype precision"),
    Key("at", "device", "device"),
    Key("z", "replay the checkpoints", "replay"),
    Key("X,Y", "horizontal or vertical axis", "scale axis"),
    Key("Z", "smoothing", "smooth"),
    Key("i", "layers panel", "health layers"),
    Key("I", "layer stats on or off", "measure"),
    Key("A,B,C,D,E,F,H,L,M,O,R,U,W", "a view of Inspect", "view"),
    Key("ctrl+l", "refresh", "refresh reload"),
    Key("ctrl+b", "plant a bug, to see how the check finds it", "break"),
    Key("left_parenthesis,right_parenthesis", "slower or faster", "pace"),
    Key("tab", "complete what is typed", "complete", where="dialogs"),
)
"""The meaning of each key, on every screen; a screen without the meaning leaves the key free."""


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

    @property
    def screen_class(self) -> type[Screen[Any]]:
        """The class of the screen; imports its module, which may raise anything."""
        found: type[Screen[Any]] = _class_at(self.home)
        return found

    def make(self) -> Screen[Any]:
        """Return a new screen, or a placeholder that shows why its module cannot be imported."""
        try:
            screen: Screen[Any] = self.screen_class()
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
    TopScreen("data", "Data", "1", "f2", "choose a dataset", "tui.data.screen:DataScreen"),
    TopScreen("build", "Build", "2", "f3", "network and training settings", "tui.build.screen:BuildScreen"),
    TopScreen("train", "Train", "3", "f4", "watch and control a training", "tui.train.screen:TrainScreen"),
    TopScreen(
        "gradients", "Gradients", "4", "f5", "check the gradients", "tui.gradients.screen:GradientsScreen"
    ),
    TopScreen(
        "inspect",
        "Inspect",
        "5",
        "f6",
        "evaluate a trained network and inspect its units, weights and errors",
        "tui.inspect.screen:InspectScreen",
    ),
    TopScreen("runs", "Runs", "6", "f7", "list, compare and resume runs", "tui.runs.screen:RunsScreen"),
)
"""The top-level screens with a key, in the order of their keys: a new screen is one row here and one file."""

PALETTE_SCREENS = (
    TopScreen(
        "devices",
        "Devices",
        "",
        "",
        "hardware and PyTorch",
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
        "ctrl+p",
        "command_palette",
        "palette",
        tooltip="find a screen, view, run, dataset, setting or action by its name",
        id="palette",
    ),
    BACK,
    Binding("q", "quit", "quit", tooltip="quit nnterm; running trainings may continue", id="quit"),
    Binding(
        "ctrl+q",
        "quit",
        "quit",
        tooltip="quit nnterm; running trainings may continue",
        show=False,
        priority=True,
    ),
    Binding(
        "ctrl+c",
        "copy_or_quit",
        "copy or quit",
        tooltip="copy the selected text; without a selection: quit",
        show=False,
        priority=True,
    ),
)
