"""`nnterm attach`: the live display of an existing run."""

from tui.cli.options import Home, Json, Plain, RunName

HINT = "Ctrl-C detaches; the run continues without this display"


def attach(
    run: RunName,
    json: Json = False,
    plain: Plain = False,
    home: Home = None,
) -> int:
    """Follow a run with the live display; Ctrl-C detaches from it."""
    from engine.runs import Run
    from tui.cli.follow import choose_display, follow
    from tui.cli.interrupts import Interrupts
    from tui.words.figures import headline

    opened = Run.open(run, home)
    opening = "" if json else f"{opened.name}: {headline(opened.experiment())}"
    display = choose_display(opened, json, plain, HINT)
    with Interrupts() as interrupts:
        return follow(opened, display, interrupts, stops=False, opening=opening)
