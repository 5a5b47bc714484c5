"""Writes screenshots of the real app as SVG files: `python -m tests.screenshots FOLDER`.

A real network trains on MNIST meanwhile, in a temporary home.
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.color import ColorSystem
from textual.pilot import Pilot

from engine.experiment.experiment import Experiment
from engine.runs import launch
from tui.app import NntermApp

RATES = (0.001, 0.01, 0.1)
"""Learning rates of the runs that are compared."""
SIZE = (140, 45)
PATIENCE_S = 120.0


async def until(pilot: Pilot[int], holds: Callable[[], bool], what: str) -> None:
    """Wait for a condition.

    Raises:
        TimeoutError: the condition does not hold after PATIENCE_S.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_S
    while not holds():
        if loop.time() > deadline:
            raise TimeoutError(f"waited in vain for {what}")
        await pilot.pause(0.1)


async def draw(folder: Path, home: Path) -> None:
    """Go from the dataset to the gradient check, and save each screen on the way."""
    for rate in RATES:
        launch(Experiment.quick("spirals", [32, 32], lr=rate, epochs=40, name=f"spirals-lr-{rate}"), home)
    app = NntermApp(home)
    app.console._color_system = ColorSystem.TRUECOLOR  # independent of this process's terminal
    async with app.run_test(size=SIZE) as pilot:

        def save(name: str) -> None:
            (folder / f"{name}.svg").write_text(app.export_screenshot(title="nnterm"), encoding="utf-8")
            print(folder / f"{name}.svg")

        await until(pilot, lambda: "parameters" not in shown(app) and "5,923" in shown(app), "the digits")
        save("data")
        await pilot.press("enter")
        await until(pilot, lambda: "784-128-64-10" in shown(app) and "presets" in shown(app), "the presets")
        await pilot.press("enter")
        await until(pilot, lambda: "ready" in shown(app) and "109,386" in shown(app), "the network")
        save("build")
        await draw_trials(app, pilot, save)
        await pilot.press("t")
        await until(pilot, lambda: "epoch 4" in shown(app), "the fourth epoch")
        save("train")
        app.theme = "light"
        await pilot.pause(1.0)
        save("train-light")
        app.theme = "dark"
        await draw_gradients(app, pilot, save)
        await draw_shell(app, pilot, save)
        await draw_runs(app, pilot, save)
        await draw_findings(app, pilot, save)
        await draw_inspection(app, pilot, save)


async def draw_trials(app: NntermApp, pilot: Pilot[int], save: Callable[[str], None]) -> None:
    """Run the learning rate trial, and return."""
    await pilot.press("e")
    await until(pilot, lambda: "ten seeds" in shown(app), "the trials")
    await pilot.press("j", "enter")
    await until(pilot, lambda: "diverges from" in shown(app), "the learning rates")
    await pilot.pause(1.0)
    save("trials")
    await pilot.press("escape")
    await until(pilot, lambda: "ready" in shown(app), "the network again")


async def draw_shell(app: NntermApp, pilot: Pilot[int], save: Callable[[str], None]) -> None:
    """Open the help with its glossary, and the palette."""
    await pilot.press("f4", "question_mark")
    await until(pilot, lambda: "Help · Train" in shown(app) and "This screen" in shown(app), "the help")
    save("help")
    await pilot.press("escape", "ctrl+p", *"learn")
    await until(pilot, lambda: "setting" in shown(app) and "learning rate" in shown(app), "what is found")
    await pilot.pause(1.0)
    save("palette")
    await pilot.press("escape")


async def draw_gradients(app: NntermApp, pilot: Pilot[int], save: Callable[[str], None]) -> None:
    """Walk through a single step of the training, and check the gradients."""
    await pilot.press("space")
    await until(pilot, lambda: "paused" in shown(app), "the pause")
    await pilot.press("s")
    await until(pilot, lambda: "forward 1/" in shown(app) and "step 1 of" in shown(app), "the walk")
    await pilot.press("right", "right", "right")
    await pilot.pause(1.0)
    save("walk")
    await pilot.press("escape")
    await until(pilot, lambda: "paused" in shown(app), "the training again")
    await pilot.press("space", "g")
    await until(pilot, lambda: "agree with" in shown(app), "the verdict")
    save("gradients")


async def draw_runs(app: NntermApp, pilot: Pilot[int], save: Callable[[str], None]) -> None:
    """List the runs, open the form of a fork, and compare three runs."""
    await pilot.press("6")
    await until(pilot, lambda: "finished" in shown(app) and "┤" in shown(app), "the runs")
    save("runs")
    await pilot.press("j")
    await until(pilot, lambda: "spirals-lr-0.1 ─" in shown(app) and "┤" in shown(app), "the preview")
    await pilot.press("f")
    await until(pilot, lambda: "fork spirals" in shown(app) and "learning rate" in shown(app), "the form")
    await pilot.press(*"0.02", "enter")
    await pilot.pause(1.0)
    save("fork")
    await pilot.press("escape")
    await until(pilot, lambda: "fork spirals" not in shown(app), "the runs again")
    await pilot.press(*"vjvjvb")
    await until(pilot, lambda: "differs" in shown(app) and "┤" in shown(app), "the comparison")
    await pilot.pause(1.0)
    save("compare")


async def draw_findings(app: NntermApp, pilot: Pilot[int], save: Callable[[str], None]) -> None:
    """Watch a faulty training and its findings."""
    digits = app.session.run
    faulty = Experiment.quick("moons", [16, 16], activation="relu", optimizer="sgd", lr=10.0, epochs=4000)
    app.session.run = launch(faulty, app.session.home, "moons-too-fast", measure=True).name
    await pilot.press("f4")
    await until(pilot, lambda: "finding" in shown(app) and "✗" in shown(app), "a finding")
    await pilot.pause(3.0)
    save("train-layers")
    await pilot.press("d")
    await until(pilot, lambda: "suggested fix" in shown(app) and "┤" in shown(app), "the evidence")
    save("finding")
    await pilot.press("escape")
    spirals = Experiment.quick("spirals", [32, 32], epochs=4000)
    app.session.run = launch(spirals, app.session.home, "spirals-live").name
    await pilot.press("f4")
    await until(pilot, lambda: "decision boundary · step" in shown(app), "the boundary")
    await pilot.pause(3.0)
    save("train-boundary")
    await pilot.press("x")
    await until(pilot, lambda: "Stop spirals-live?" in shown(app), "the question")
    await pilot.press("y")
    await until(pilot, lambda: "stopped" in shown(app), "the end of the training")
    app.session.run = digits


async def draw_inspection(app: NntermApp, pilot: Pilot[int], save: Callable[[str], None]) -> None:
    """Inspect the digits' network, then watch a decision boundary during training."""
    await pilot.press("f6")
    await until(pilot, lambda: "No hidden layer:" in shown(app), "the baseline")
    save("inspect")
    await pilot.press("E")
    await until(pilot, lambda: "✓ true" in shown(app), "the errors")
    save("inspect-errors")
    await pilot.press("W")
    await until(pilot, lambda: "one scale for all" in shown(app), "the weights")
    save("inspect-weights")
    await draw_inside(pilot, lambda: shown(app), save)
    await draw_probing(app, pilot, save)
    spirals = Experiment.quick("spirals", [32, 32], epochs=400)
    app.session.run = launch(spirals, app.session.home, "spirals").name
    await pilot.press("B")
    await until(pilot, lambda: "live" in shown(app) and "arm 1" in shown(app), "the boundary")
    await until(pilot, lambda: "epoch 1" in shown(app) or "epoch 2" in shown(app), "a curl of it")
    save("inspect-boundary-live")
    await draw_units_of_a_plane(app, pilot, save)


async def draw_inside(pilot: Pilot[int], text: Callable[[], str], save: Callable[[str], None]) -> None:
    """Inspect the layers of the digits' network, and disable one of its units."""
    await pilot.press("H")
    await until(pilot, lambda: "gradient of biases" in text() and "█" in text(), "the histograms")
    save("inspect-histograms")
    await pilot.press("A")
    await until(pilot, lambda: "received" in text() and "█" in text(), "the functions")
    save("inspect-activations")
    await pilot.press("U")
    await until(pilot, lambda: "weights of unit 0" in text() and "least activating" in text(), "the units")
    await pilot.press("right", "right", "right")
    await until(pilot, lambda: "weights of unit 3" in text(), "the fourth unit")
    await pilot.press("0")
    await until(pilot, lambda: "Unit 3 " in text() or "unit 3 the" in text(), "its contribution")
    save("inspect-units")


async def draw_units_of_a_plane(app: NntermApp, pilot: Pilot[int], save: Callable[[str], None]) -> None:
    """Edit a weight of a network over two features by hand."""
    await until(pilot, lambda: "finished" in shown(app), "the end of the training")
    await pilot.press("U")
    await until(pilot, lambda: "weights of unit 0" in shown(app) and "network" in shown(app), "the units")
    await pilot.press("tab", "j", "enter", *["backspace"] * 9, "1", "enter")
    await until(pilot, lambda: "as trained" in shown(app) and "predictions change" in shown(app), "the edit")
    save("inspect-units-edited")


TWO = ((9, 9), (11, 7), (14, 6), (17, 7), (18, 10), (16, 13), (12, 17), (9, 20), (19, 20))
"""Pixels along which a 2 is drawn."""


async def draw_probing(app: NntermApp, pilot: Pilot[int], save: Callable[[str], None]) -> None:
    """Perturb the digits, show the loss landscape, draw a digit with the mouse."""
    await pilot.press("R")
    await until(pilot, lambda: "halfway to chance" in shown(app), "the disturbances")
    await pilot.press("j")
    await until(pilot, lambda: "▸ shift" in shown(app) and "┤" in shown(app), "the shift")
    save("inspect-robustness")
    await pilot.press("L")
    await until(pilot, lambda: "✚" in shown(app) and "of 625 points" not in shown(app), "the landscape")
    save("inspect-landscape")
    await pilot.press("D")
    await until(pilot, lambda: "pen up" in shown(app), "the pad")
    cells = [(2 * x + 2, y + 1) for x, y in TWO]
    await pilot.mouse_down("#pad", offset=cells[0])
    for cell in cells[1:]:
        await pilot.hover("#pad", offset=cell)
    await pilot.mouse_up("#pad", offset=cells[-1])
    await until(pilot, lambda: "Prediction:" in shown(app), "its class")
    save("inspect-draw")


def shown(app: NntermApp) -> str:
    """Return the text on the screen."""
    return "\n".join(
        "".join(segment.text for segment in line) for line in app.screen._compositor.render_strips()
    )


def main() -> None:
    """Write into the folder that the command line names."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        asyncio.run(draw(folder, Path(home)))


if __name__ == "__main__":
    main()
