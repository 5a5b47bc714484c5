"""`nnterm config`: where the settings are kept, what they are, and the ids of the actions whose keys they can change."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.cli import output
from tui.cli.options import Json

if TYPE_CHECKING:
    from textual.binding import Binding

    from tui.config import SettingsFile


def config(
    keys: Annotated[bool, typer.Option("--keys", help="The actions whose keys can be changed.")] = False,
    json: Json = False,
) -> int:
    """Show the app's settings and where they are kept.

    Examples:
        nnterm config
        nnterm config --keys
    """
    from tui.config import SettingsFile
    from tui.config.settings import refuse_unknown_actions

    kept = SettingsFile.load()
    if keys or kept.settings.keys:
        with output.working("collecting the actions of the screens", json):
            actions = dict(_actions())
        refuse_unknown_actions(kept.settings.keys, actions, str(kept.path))
        if keys:
            _show_actions(actions, kept.settings.keys, json)
            return output.ExitCode.DONE
    _show_settings(kept, json)
    return output.ExitCode.DONE


def _show_settings(kept: "SettingsFile", json: bool) -> None:
    import msgspec
    import tomli_w

    plain = msgspec.to_builtins(kept.settings)
    is_there = kept.path is not None and kept.path.exists()
    if json:
        output.json_line({"type": "config", "path": str(kept.path), "exists": is_there, "settings": plain})
        return
    output.line(f"# {kept.path}" + ("" if is_there else " (not written yet: all defaults)"))
    output.line(tomli_w.dumps(plain).rstrip())


def _show_actions(actions: "dict[str, list[Binding]]", changed: dict[str, str], json: bool) -> None:
    width = max(len(name) for name in actions)
    for name, bindings in actions.items():
        keys = changed.get(name) or ",".join(dict.fromkeys(binding.key for binding in bindings))
        says = bindings[0].tooltip or bindings[0].description
        if json:
            output.json_line({"type": "action", "id": name, "keys": keys, "does": says})
        else:
            output.line(f"{name:<{width}}  {keys:<16}  {says}")


def _actions() -> Iterator[tuple[str, "list[Binding]"]]:
    """Yield the id of each action with a key, and its bindings: those of the app, then those of each screen."""
    from textual.binding import Binding
    from textual.screen import Screen

    from tui.actions import APP_BINDINGS, PALETTE_SCREENS, SCREENS
    from tui.config.keys import with_id

    by_id: dict[str, list[Binding]] = {}
    for binding in Binding.make_bindings(APP_BINDINGS):
        if binding.id:
            by_id.setdefault(binding.id, []).append(binding)
    for top in (*SCREENS, *PALETTE_SCREENS):
        for kind in type(top.make()).__mro__:
            if kind is Screen:
                break
            for binding in Binding.make_bindings(_own(kind)):
                named = with_id(binding, top.mode)
                by_id.setdefault(str(named.id), []).append(named)
    yield from by_id.items()


def _own(kind: type) -> Any:
    """Return the bindings that a class itself declares."""
    return vars(kind).get("BINDINGS", ())
