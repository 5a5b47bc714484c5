"""The words of the step-through screen: its subject, its verdict and the title of its input."""

from textual.content import Content

from engine.glassbox.steps import ExplainFinished, ExplainStarted
from engine.words import counted
from tui.charts.tones import MUTED
from tui.processes.check_subject import CheckSubject

SAMPLES_NAMED = 8
"""Samples of a batch that are named."""


def about(started: ExplainStarted | None, subject: CheckSubject, error: str) -> Content:
    """Return the lines above the steps: the sample or batch, the weights, and a limit of what is written out."""
    if error:
        return Content.styled(error, "$text-error")
    if started is None:
        return Content("")
    lines = [Content.assemble((_samples(started), "bold"), (f"  ·  {subject.words}", MUTED))]
    lines += [Content.styled(limit, MUTED) for limit in started.limits[:1]]
    return Content("\n").join(lines)


def _samples(started: ExplainStarted) -> str:
    if len(started.samples) == 1:
        return f"sample {started.samples[0]:,} (0–{started.of_samples - 1:,}), target {started.targets[0]}"
    named = ", ".join(f"{sample:,}" for sample in started.samples[:SAMPLES_NAMED])
    more = len(started.samples) - SAMPLES_NAMED
    rest = f" and {more:,} more" if more > 0 else ""
    return f"batch of {counted(len(started.samples), 'sample')}: {named}{rest}"


def input_title(started: ExplainStarted) -> str:
    """Return the title of the drawn input."""
    return f"input: sample {started.samples[0]:,}, {started.targets[0]}"


def verdict_words(finished: ExplainFinished | None) -> str:
    """Return the verdict on the whole walk in a few words."""
    if finished is None:
        return ""
    return "✓ all gradients agree" if finished.passed else f"✗ {finished.message}"
