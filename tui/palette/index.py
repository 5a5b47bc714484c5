"""The entries of the palette that do not depend on the present screen: views, datasets, settings, terms, runs."""

from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

from textual.binding import Binding

from tui.actions import PALETTE_SCREENS, SCREENS, TopScreen
from tui.glossary import TERMS, Term
from tui.palette.entry import PaletteEntry
from tui.palette.keys import key_text
from tui.shell.active_actions import is_move, toolkit_bindings
from tui.shell.lab import LabApp
from tui.theme import AUTO, THEMES

VIEW_ALIASES = {
    "confusion": ("confusion matrix", "confusion"),
    "classes": ("precision", "recall", "F1"),
    "mistakes": ("mistakes", "wrong samples"),
    "boundary": ("decision boundary",),
    "histograms": ("histogram", "distributions"),
    "units": ("neurons",),
    "draw": ("drawing pad", "draw a digit"),
    "landscape": ("loss landscape",),
}
"""Further names of the views of Inspect."""
ALIASES = {
    "remove": ("delete",),
    "checkpoint": ("save checkpoint",),
    "restart": ("retrain", "train again"),
    "trials": ("trials", "experiments"),
    "doctor": ("findings", "doctor"),
    "quit": ("exit", "leave"),
    "command_palette": (),
}
"""Further names of actions."""


def fixed_entries(app: LabApp) -> list[PaletteEntry]:
    """Return screens, views, datasets, settings, terms and themes; imports modules: call it in a thread."""
    return [
        *(_screen(app, screen) for screen in (*SCREENS, *PALETTE_SCREENS)),
        *_views(app),
        *_datasets(app),
        *_settings(app),
        *(_term(app, term) for term in TERMS),
    ]


def _screen(app: LabApp, screen: TopScreen) -> PaletteEntry:
    keys = " ".join(key for key in (screen.digit, screen.key) if key)
    return PaletteEntry(
        screen.title,
        "screen",
        partial(app.open_at, screen.mode),
        screen.purpose,
        keys,
        (f"go to {screen.title}",),
    )


def _views(app: LabApp) -> Iterator[PaletteEntry]:
    from tui.inspect.registry import ENTRIES

    for entry in ENTRIES:
        yield PaletteEntry(
            entry.title,
            "view",
            partial(app.open_at, "inspect", entry.name),
            f"Inspect: {entry.purpose}",
            entry.key,
            VIEW_ALIASES.get(entry.name, ()),
        )


def _datasets(app: LabApp) -> Iterator[PaletteEntry]:
    from engine.data.registry import DATASETS

    for name in DATASETS:
        yield PaletteEntry(name, "dataset", partial(app.open_at, "data", name), "look at it on Data")


def _settings(app: LabApp) -> Iterator[PaletteEntry]:
    from tui.draft.words import WORDS

    labels: set[str] = set()
    for key, words in WORDS.items():
        if words.label not in labels:
            labels.add(words.label)
            last = key.rpartition(".")[2]
            yield PaletteEntry(
                words.label,
                "setting",
                partial(app.open_at, "build", key.removeprefix("layer.")),
                words.help,
                aliases=(last.replace("_", " "), last),
            )


def _term(app: LabApp, term: Term) -> PaletteEntry:
    return PaletteEntry(
        term.name, "term", partial(app.show_term, term.name), term.meaning, aliases=term.aliases
    )


def theme_entries(app: LabApp) -> Iterator[PaletteEntry]:
    """Yield the themes, each kept in the settings when it is chosen, and drawing the screen again."""
    says = {AUTO: "dark, or what the terminal can show", **{name: look.says for name, look in THEMES.items()}}
    for name, meaning in says.items():
        yield PaletteEntry(f"theme {name}", "theme", partial(app.choose_theme, name), meaning)
    says_redraw = "send all of it again, after another program has written on it"
    yield PaletteEntry("redraw the screen", "action", app.redraw, says_redraw)


def run_entries(app: LabApp) -> list[PaletteEntry]:
    """Return the runs by name, without reading them; lists a folder: call it in a thread."""
    from engine.runs.names import names_in, runs_folder

    names = names_in(runs_folder(app.session.home))
    return [PaletteEntry(name, "run", partial(app.open_run, name), "open this run") for name in sorted(names)]


def file_entries(app: LabApp) -> list[PaletteEntry]:
    """Return the user's own data file, if one was opened."""
    dataset = app.session.dataset
    if dataset is None or not dataset.endswith(".npz"):
        return []
    return [PaletteEntry(Path(dataset).name, "dataset", partial(app.open_at, "data", dataset), dataset)]


def actions_elsewhere(app: LabApp, here: str) -> list[PaletteEntry]:
    """Return the actions of the other top-level screens; choosing one opens its screen and names the key."""
    return [
        PaletteEntry(
            name,
            "action elsewhere",
            partial(app.open_for, mode, text, keys),
            f"{title}: {text}",
            keys,
            aliases,
        )
        for mode, title, name, text, keys, aliases in _all_screen_actions()
        if mode != here
    ]


@cache
def _all_screen_actions() -> tuple[tuple[str, str, str, str, str, tuple[str, ...]], ...]:
    """Return mode, title, name, text, keys and aliases of each action; imports all screens."""
    return tuple(found for screen in SCREENS for found in _actions_of(screen))


def _actions_of(screen: TopScreen) -> Iterator[tuple[str, str, str, str, str, tuple[str, ...]]]:
    try:
        cls = screen.screen_class
    except Exception:  # a screen that cannot be opened says why when it is opened
        return
    toolkit = toolkit_bindings(cls)
    seen: set[str] = set()
    for base in cls.__mro__:
        for binding in Binding.make_bindings(vars(base).get("BINDINGS", ())):
            action = binding.action.partition("(")[0]
            is_known = binding.action in seen or (binding.key, binding.action) in toolkit
            if (
                is_known
                or is_move(binding.key, binding)
                or not binding.description
                or action in ("back", "view")
            ):
                continue
            seen.add(binding.action)
            text = binding.tooltip or binding.description
            yield (
                screen.mode,
                screen.title,
                binding.description,
                text,
                key_text(binding),
                ALIASES.get(action, ()),
            )
