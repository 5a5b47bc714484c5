"""The walk of `nnterm check --explain` on stdout: its steps as text."""

import shutil
from collections.abc import Iterable, Iterator

from rich.text import Text

from engine.glassbox import ExplainEvent, ExplainFinished, ExplainStarted, WalkStep
from tui.cli import output
from tui.words.wrapping import formula_lines, own_words, wrapped

MIN_WIDTH, MAX_WIDTH = 80, 120
"""Limits of the text's width in columns; between them it is the terminal's."""
COLOURS = {"forward": "cyan", "loss": "magenta", "backward": "yellow", "update": "green"}


def show_walk(events: Iterable[ExplainEvent]) -> Iterator[ExplainEvent]:
    """Show a walk and yield its events."""
    width = min(MAX_WIDTH, max(MIN_WIDTH, shutil.get_terminal_size((MIN_WIDTH, 24)).columns))
    for event in events:
        _show(event, width)
        yield event


def _show(event: ExplainEvent, width: int) -> None:
    if not isinstance(event, WalkStep):
        lines = head(event, width) if isinstance(event, ExplainStarted) else end(event, width)
        for line in lines:
            output.line(line)
        return
    if output.is_live():
        rule = Text("\n" + headline(event, width), style=f"bold {COLOURS[event.kind]}")
        output.console().print(rule, soft_wrap=True)
    else:
        output.line("\n" + headline(event, width))
    for line in body(event, width):
        output.line(line)


def head(started: ExplainStarted, width: int) -> Iterator[str]:
    """Yield the header: network, samples, notation and limits."""
    last = started.samples[-1]
    many = len(started.samples) > 1
    which = f"samples {started.samples[0]:,} to {last:,}" if many else f"sample {last:,}"
    yield from wrapped(
        f"{started.architecture}, {started.loss}: {which} of 0 to {started.of_samples - 1:,}, {_targets(started)}",
        width,
    )
    yield from wrapped(
        "z[k]: value k of the only sample; z[i,k]: of sample i. dz is short for ∂L/∂z, and so on.", width
    )
    for limit in started.limits:
        yield from wrapped(limit, width)


def _targets(started: ExplainStarted) -> str:
    shown = ", ".join(started.targets[:4])
    return f"target {shown}" + (", ..." if len(started.targets) > 4 else "")


def headline(step: WalkStep, width: int) -> str:
    """Return `── forward 2/5 ── layers.0 · dense 3 → 1: weighted sums ───`."""
    text = f"── {step.kind} {step.part}/{step.parts} ── {step.title} "
    return text + "─" * max(0, width - len(text))


def body(step: WalkStep, width: int) -> Iterator[str]:
    """Yield the lines of a step: formula, shapes, numbers, words."""
    for formula in step.formula.splitlines():
        yield from formula_lines(formula, width, 2)
    if step.shapes:
        yield from formula_lines(step.shapes, width, 2)
    yield ""
    for line in step.numbers:
        yield from formula_lines(line, width, 4)
    if step.left_out:
        yield f"    ... {step.left_out}"
    if step.numbers or step.left_out:
        yield ""
    yield from wrapped(step.words, width, 2)
    if step.own_difference is not None:
        yield from wrapped(own_words(step.own_difference), width, 2)


def end(finished: ExplainFinished, width: int) -> Iterator[str]:
    """Yield the verdict."""
    yield ""
    yield from wrapped(f"{'PASSED' if finished.passed else 'FAILED'}: {finished.message}", width)
