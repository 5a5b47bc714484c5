"""`nnterm demo`: trains on MNIST and checks the gradients; `make run` runs it without a terminal."""

from typing import TYPE_CHECKING

from tui.cli import output
from tui.cli.options import Home

if TYPE_CHECKING:
    from engine.runs import Run

PRESET = "mnist-mlp"
EPOCHS = 3
GOOD_ACCURACY = 0.95
"""Share of the test digits (0 to 1) that this network exceeds after three epochs with any seed."""


def demo(home: Home = None) -> int:
    """Train on MNIST and check the gradients, without a live display.

    Example:
        nnterm demo
    """
    from engine.experiment.presets import PRESETS
    from engine.runs import launch
    from tui.cli.display import PlainDisplay
    from tui.cli.follow import follow
    from tui.cli.interrupts import Interrupts
    from tui.words.figures import headline

    preset = next(preset for preset in PRESETS if preset.name == PRESET)
    experiment = preset.experiment().with_changes({"training.epochs": EPOCHS, "name": ""})
    with Interrupts() as interrupts:
        run = launch(experiment, home=home, name=None)
        opening = f"{run.name}: {headline(experiment)}"
        code = follow(run, PlainDisplay(run.name), interrupts, stops=True, opening=opening)
    if code != output.ExitCode.DONE:
        return code
    learned = _say_whether_it_learned(run)
    proven = _check(run)
    return output.ExitCode.DONE if learned and proven else output.ExitCode.NO


def _say_whether_it_learned(run: "Run") -> bool:
    from engine.events import Finished
    from tui.words.figures import percent

    accuracy = next(event.test_accuracy for event in run.events() if isinstance(event, Finished)) or 0.0
    learned = accuracy >= GOOD_ACCURACY
    verdict = "PASSED" if learned else "FAILED"
    share = f"{percent(accuracy)} test accuracy"
    output.line(f"{verdict}: {share} (expected: {percent(GOOD_ACCURACY)} or more)")
    return learned


def _check(run: "Run") -> bool:
    from engine.data import load_data
    from engine.gradcheck.events import CheckFinished
    from engine.proof.stream import CheckOptions, check
    from tui.cli.check_output import keep_report, show_check

    output.line("checking its gradients against finite differences and PyTorch ...")
    data = load_data(run.experiment().data)
    events = keep_report(check(run.network(), data, CheckOptions()), run.path, run.status().step)
    verdicts = [event for event in show_check(events) if isinstance(event, CheckFinished)]
    return any(verdict.passed for verdict in verdicts)
