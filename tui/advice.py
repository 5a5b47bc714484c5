"""What a run's state means and what to do next, in one line."""

from tui.run_view import RunFigures


def advice(figures: RunFigures) -> str:
    """Return the next thing to do, naming its key."""
    match figures.state:
        case "starting":
            return "The worker is a process of its own: it goes on if you leave nnterm."
        case "running":
            return "It learns. Space pauses, + and - change the learning rate, g checks gradients."
        case "paused":
            return "Paused. Space goes on, s makes one step, g checks the gradients right here."
        case "finished":
            return "Done. Enter proves the gradients of the trained network; r starts again."
        case "stopped":
            return "Stopped; its weights are kept. Enter proves its gradients; r starts again."
        case "diverged":
            return "The last good weights are kept. A lower learning rate often helps: 2 Build."
        case "failed":
            return "It broke down. 2 goes to Build to mend it, r tries the same again."
        case "lost":
            return "Its worker is gone (killed, or the machine restarted). r starts it again."


def trouble(figures: RunFigures) -> str:
    """Return why the run ended, where that needs a word, and what helps."""
    return "\n".join(text for text in (figures.message, figures.hint) if text)
