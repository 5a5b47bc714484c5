"""The words of the Gradients screen: subject, progress and verdict of a check."""

from textual.content import Content

from tui.charts.tones import MUTED
from tui.gradients.check_view import STARTING, CheckView
from tui.processes.check_subject import CheckSubject

READING = """
analytic      backpropagation: the chain rule, layer by layer
differences   the change of the loss when one parameter is changed slightly: slow, and independent
PyTorch       autograd, independent of this engine

Errors are relative. Differences resolve about 1e-8 of a gradient, PyTorch in float64 about 1e-15.
A long line is a large error: the scale is logarithmic, from 1e-16 to 1."""


def subject_line(subject: CheckSubject, view: CheckView, where: str) -> Content:
    """Return the subject with its step, a planted bug, and `where` PyTorch computes."""
    step = ""
    if subject.run is not None:
        step = _step_words(view)
    parts: list[tuple[str, str]] = [(f"{subject.words}{step}", "bold")]
    if view.planted:
        parts.append((f"  ·  demonstration: planted bug ({view.planted})", "bold $text-warning"))
    else:
        parts.append((f"  ·  {where}", MUTED))
    return Content.assemble(*parts)


def _step_words(view: CheckView) -> str:
    if view.step is None:
        return ""
    if view.step == 0:
        return " at step 0 (initial weights)"
    return f" at step {view.step:,} (newest checkpoint)"


def phase_words(view: CheckView) -> str:
    """Return the phase of a running check."""
    words = {STARTING: "starting a process, reading the data", "importing PyTorch": "loading PyTorch"}
    return f"{words.get(view.phase, view.phase)} …"


def verdict_words(view: CheckView) -> str:
    """Return the message, without the words already in the bar's head, and the hint."""
    message = view.message.removeprefix("gradients disagree").lstrip(",: ")
    return f"{message}  {view.hint}".strip()
