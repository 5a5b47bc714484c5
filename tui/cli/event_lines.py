"""Events as lines of plain text, the same in a pipe and above the live display."""

from engine.events import Command, Epoch, Event, Finding, Finished, Resumed
from engine.words import counted
from tui.cli.finding_lines import finding_line
from tui.words.events import pace_words
from tui.words.figures import count, duration, figure, percent


def epoch_line(event: Event, epochs: int) -> str:
    """Return an epoch's figures in fixed columns; empty for other events."""
    if not isinstance(event, Epoch):
        return ""
    width = len(str(epochs))
    parts = [
        f"epoch {event.epoch:>{width}}/{epochs}",
        _figures("train", event.train_loss, event.train_accuracy),
        _figures("validation", event.validation_loss, event.validation_accuracy),
    ]
    return "  ".join(part for part in parts if part)


def _figures(split: str, loss: float | None, accuracy: float | None) -> str:
    """Return a split's name, loss and accuracy in fixed columns; empty if it has neither figure."""
    if loss is None and accuracy is None:
        return ""
    share = f" {percent(accuracy):>9}" if accuracy is not None else ""
    return f"{split} {figure(loss):>9}{share}"


def event_line(event: Event) -> str:
    """Return the line of a command, a resume or a finding; empty for other events."""
    match event:
        case Command(refused=str(reason)):
            return f"step {event.step:,}: {event.command} refused: {reason}"
        case Command(command="set"):
            return f"step {event.step:,}: {event.key} = {event.value}"
        case Command(command="pause" | "resume" | "stop"):
            return f"step {event.step:,}: {event.command}"
        case Command(command="measure"):
            return f"step {event.step:,}: layer stats {'on' if event.value else 'off'}"
        case Command(command="pace"):
            return f"step {event.step:,}: {pace_words(event.value)}"
        case Resumed(path=""):
            return f"step {event.step:,}: no usable checkpoint, training starts again"
        case Resumed():
            return f"step {event.step:,}: resumed from {event.path}"
        case Finding():
            return finding_line(event)
    return ""


def summary(event: Finished) -> list[str]:
    """Return the end of a training in lines: state, size and speed, the reason, the figures of each split."""
    epochs = counted(event.epochs, "epoch")
    speed = event.steps / event.seconds if event.seconds else 0.0
    spent = f"{counted(event.steps, 'step')}, {duration(event.seconds)} ({count(speed)} steps/s)"
    texts = [f"{event.state} after {epochs}, {spent}"]
    if event.reason:
        texts.append(event.reason)
    splits = (
        ("train", event.train_loss, event.train_accuracy),
        ("validation", event.validation_loss, event.validation_accuracy),
        ("test", event.test_loss, event.test_accuracy),
    )
    for name, loss, accuracy in splits:
        if loss is not None:
            share = f"   accuracy {percent(accuracy):>9}" if accuracy is not None else ""
            texts.append(f"  {name:<10}  loss {figure(loss):>9}{share}")
    return texts
