"""The walk of `nnterm check --explain` on stdout: its steps as text."""

import shutil
from collections.abc import Iterable, Iterator

from rich.text import Text

from engine.glassbox import ExplainEvent, ExplainFinished, ExplainStarted, WalkStep
from engine.glassbox.steps import WalkFlow
from tui.cli import output
from tui.words.wrapping import formula_lines, marked_lines, own_words, wrapped

SAMPLES_NAMED = 8
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
    if isinstance(event, WalkFlow):
        return  # for drawings
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
    for line, start, stop in body(event, width):
        if output.is_live() and stop > start:
            text = Text(line)
            text.stylize("bold", start, stop)
            output.console().print(text, soft_wrap=True)
        else:
            output.line(line)


def head(started: ExplainStarted, width: int) -> Iterator[str]:
    """Yield the header: network, samples, notation and limits."""
    last = started.samples[-1]
    many = len(started.samples) > 1
    which = f"samples {_samples(started.samples)}" if many else f"sample {last:,}"
    subject = f", {started.subject}" if started.subject else ""
    numbers = f"(0–{started.of_samples - 1:,})"
    yield from wrapped(
        f"{started.architecture}, {started.loss}{subject}: {which} {numbers}, {_targets(started)}", width
    )
    index = "z[i,k]: value k of sample i of the batch" if many else "z[k]: value k of the sample"
    yield from wrapped(f"{index}; dz: ∂L/∂z, and so on.", width)
    for limit in started.limits:
        yield from wrapped(limit, width)


def _samples(samples: tuple[int, ...]) -> str:
    """Return `3 to 5` for consecutive samples, `12, 7, 90 and 61 more` for a shuffled batch."""
    if samples == tuple(range(samples[0], samples[-1] + 1)):
        return f"{samples[0]:,} to {samples[-1]:,}"
    shown = ", ".join(f"{sample:,}" for sample in samples[:SAMPLES_NAMED])
    more = len(samples) - SAMPLES_NAMED
    return f"{shown} and {more:,} more" if more > 0 else shown


def _targets(started: ExplainStarted) -> str:
    shown = ", ".join(started.targets[:4])
    return f"target {shown}" + (", ..." if len(started.targets) > 4 else "")


def headline(step: WalkStep, width: int) -> str:
    """Return `── forward 2/5 ── layers.0 · dense 3 → 1: weighted sums ───`."""
    text = f"── {step.kind} {step.part}/{step.parts} ── {step.title} "
    return text + "─" * max(0, width - len(text))


def body(step: WalkStep, width: int) -> Iterator[tuple[str, int, int]]:
    """Yield the lines of a step, formula, shapes, numbers and words, each with the place of its result."""
    yield from _plain(
        line for formula in step.formula.splitlines() for line in formula_lines(formula, width, 2)
    )
    if step.shapes:
        yield from _plain(formula_lines(step.shapes, width, 2))
    yield from _plain([""])
    for line, (start, end) in zip(step.numbers, step.results, strict=True):
        yield from marked_lines(line, start, end, width, 4)
    if step.left_out:
        yield from _plain([f"    ... {step.left_out}"])
    if step.numbers or step.left_out:
        yield from _plain([""])
    yield from _plain(wrapped(step.words, width, 2))
    if step.own_difference is not None:
        yield from _plain(wrapped(own_words(step.own_difference), width, 2))
    if step.disagreement:
        yield from _plain(wrapped(f"DISAGREES: {step.disagreement}", width, 2))


def _plain(lines: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    """Yield lines without a result."""
    return ((line, 0, 0) for line in lines)


def end(finished: ExplainFinished, width: int) -> Iterator[str]:
    """Yield the verdict."""
    yield ""
    yield from wrapped(f"{'PASSED' if finished.passed else 'FAILED'}: {finished.message}", width)
