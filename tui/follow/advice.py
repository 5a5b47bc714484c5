"""One line of advice for each state of a run, and the sentences about its layer stats."""

from tui.follow.run_figures import RunFigures
from tui.words.events import pace_words
from tui.words.figures import duration

BRIEF_S = 3.0
"""Seconds of training up to which a run is over before it can be watched."""

ADVICE = {
    "starting": "Starting. The training continues if you leave nnterm.",
    "running": "Training. Space pauses, s steps, +/- change the learning rate, ( slows down.",
    "paused": "Paused. Space resumes, s makes one step, g checks the gradients here.",
    "stopped": "Stopped; its weights are saved. Space continues, 5 inspects, r retrains.",
    "diverged": "Diverged. d: cause and fix. Space continues with a lower learning rate.",
    "failed": "Failed. Space tries again from the newest checkpoint; 2 opens Build.",
    "lost": "The worker is gone (killed, or the machine restarted). Space resumes it.",
}
"""The advice of each state but finished."""


def advice(figures: RunFigures, *, pace: float | None = None, draws: bool = False) -> str:
    """Return what the user can do next, with its key.

    Args:
        pace: steps per second of a training in slow motion, also if only requested.
        draws: True if digits can be drawn for the network.
    """
    if figures.state == "finished":
        return _finished(figures, draws=draws)
    if figures.state == "running" and figures.is_stopping:
        return "Stopping: the network is evaluated and a checkpoint is saved."
    if figures.state == "running" and pace is not None:
        return f"{pace_words(pace).capitalize()}. ( slower, ) faster, space pauses, s makes one step."
    return ADVICE[figures.state]


def _finished(figures: RunFigures, *, draws: bool) -> str:
    if is_brief(figures):
        took = duration(figures.seconds or 0.0)
        return f"Finished in {took}. ( retrains in slow motion, r retrains, 5 inspects."
    draw = "D draws, " if draws else ""
    return f"Finished. Enter checks the gradients, 5 inspects, {draw}b compares, r retrains."


def is_brief(figures: RunFigures) -> bool:
    """Return True for a run that was over before it could be watched."""
    return figures.seconds is not None and figures.seconds < BRIEF_S and figures.pace is None


def trouble(figures: RunFigures) -> str:
    """Return the reason for the end of the run, a hint, and a note on unreadable events, a line each."""
    return "\n".join(text for text in (figures.message, figures.hint, figures.note) if text)


def measuring(figures: RunFigures, *, requested: bool) -> tuple[str, str]:
    """Return a sentence for a run without layer stats, and a short note on whether they are being measured.

    Args:
        requested: True if they are measured, or will be after the worker's answer.
    """
    health = figures.health
    if figures.state == "diverged" and health is not None:
        return "", f"measured at step {health.step:,}, before it diverged"
    if figures.is_over:
        at = f"measured at step {health.step:,}" if health else ""
        return "The layers were not measured during this training. d, then ctrl+l, examines its files.", at
    if requested:
        return "Layer stats: the first figures come in a moment.", "I layer stats off"
    words = "Layer stats are off. I switches them on, for at most 3 % of the speed."
    return words, f"paused at step {health.step:,} · I resumes" if health else ""
