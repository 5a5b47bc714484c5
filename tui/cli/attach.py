"""`nnterm attach`: the live display of an existing run."""

from tui.cli.options import Home, Json, LowBandwidth, Plain, RunName

HINT = "Ctrl-C detaches; the run continues"


def attach(
    run: RunName,
    json: Json = False,
    plain: Plain = False,
    low_bandwidth: LowBandwidth = False,
    home: Home = None,
) -> int:
    """Follow a run with the live display; Ctrl-C detaches.

    Examples:
        nnterm attach mnist-1
        nnterm attach mnist-1 --plain
    """
    from engine.runs import Run
    from tui.cli.follow import choose_display, follow
    from tui.cli.interrupts import Interrupts
    from tui.words.figures import headline

    opened = Run.open(run, home)
    opening = "" if json else f"{opened.name}: {headline(opened.experiment())}"
    if opening and opened.status().state == "paused":
        opening += f"\npaused; resume it with: nnterm unpause {opened.name}"
    display = choose_display(opened, json, plain, HINT, low_bandwidth)
    with Interrupts() as interrupts:
        return follow(opened, display, interrupts, stops=False, opening=opening)
