"""One line of advice for each state of a run."""

from tui.follow.run_figures import RunFigures


def advice(figures: RunFigures) -> str:
    """Return what the user can do next, with its key."""
    match figures.state:
        case "starting":
            return "The worker is a process of its own: it goes on if you leave nnterm."
        case "running":
            if figures.measuring:
                return "It learns, looked inside. Space pauses, + and - change the learning rate."
            return "It learns. Space pauses, + and - change the learning rate, l looks inside."
        case "paused":
            return "Paused. Space goes on, s makes one step, g checks the gradients right here."
        case "finished":
            return "Done. Enter proves the gradients of the trained network; r starts again."
        case "stopped":
            return "Stopped; its weights are kept. Enter proves its gradients; space goes on."
        case "diverged":
            return "The last good weights are kept. Space goes on with a lower learning rate."
        case "failed":
            return "It broke down. Space tries again from its newest checkpoint; 2 goes to Build."
        case "lost":
            return "Its worker is gone (killed, or the machine restarted). Space takes it up."


def trouble(figures: RunFigures) -> str:
    """Return the reason for the end of the run, a hint, and a note on unreadable events, a line each."""
    return "\n".join(text for text in (figures.message, figures.hint, figures.note) if text)


def measuring(figures: RunFigures, *, requested: bool) -> tuple[str, str]:
    """Return a sentence for a run without layer statistics, and a short note on whether they are being measured.

    Args:
        requested: True if they are measured, or will be after the worker's answer.
    """
    if figures.is_over:
        return "Nobody looked inside this training. d, then x, examines what it left.", ""
    if requested:
        return "Looking inside: the first figures come in a moment.", "l looks no longer"
    words = "Nobody looks inside this training. l has its layers measured, for at most 3 % of its speed."
    return words, f"not measured since step {figures.health.step:,}  l goes on" if figures.health else ""
