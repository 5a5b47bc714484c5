"""Numbers and experiments as short texts, the same on every screen and in every command."""

from typing import TYPE_CHECKING

from engine.words import counted

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment


def figure(value: float | None, digits: int = 4) -> str:
    """Return a loss or a rate with `digits` significant digits; `-` for None."""
    return "-" if value is None else f"{value:.{digits}g}"


def percent(share: float | None) -> str:
    """Return a share (0 to 1) as `97.12 %`; `-` for None."""
    return "-" if share is None else f"{100 * share:.2f} %"


def count(value: float) -> str:
    """Return a speed or a size as `1,180`, `75.5 k` or `1.2 M`."""
    if value < 10:
        return f"{value:.2g}"
    if value < 10_000:
        return f"{value:,.0f}"
    return f"{value / 1e6:.3g} M" if value >= 999_500 else f"{value / 1e3:.3g} k"


def duration(seconds: float) -> str:
    """Return a time span as `0.04 s`, `8.2 s`, `0:42` or `1:02:03`."""
    if seconds < 1:
        return f"{seconds:.2f} s"
    return f"{seconds:.1f} s" if seconds < 10 else clock(seconds)


def clock(seconds: float | None) -> str:
    """Return a countdown as `0:42` or `1:02:03`, without fractions; `-:--` for None."""
    if seconds is None:
        return "-:--"
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def headline(experiment: "Experiment") -> str:
    """Return an experiment in one line: data, layers, optimizer, batch, epochs, seed."""
    training = experiment.training
    sizes = "-".join([*_inputs(experiment), experiment.network.outline])
    batch = f"batch {training.batch_size}" if training.batch_size else "full batch"
    epochs = counted(training.epochs, "epoch")
    rate = f"{training.optimizer.name} {training.optimizer.lr:g}"
    return f"{experiment.data.dataset}, {sizes}, {rate}, {batch}, {epochs}, seed {experiment.seed}"


def _inputs(experiment: "Experiment") -> list[str]:
    """Return the number of features in a list; an empty one if the data cannot be described."""
    from engine.data import describe
    from engine.errors import NntermError

    try:
        return [str(describe(experiment.data).n_features)]
    except NntermError:
        return []


def age(seconds: float) -> str:
    """Return an age as `now`, `5 min`, `3 h` or `12 d`."""
    if seconds < 60:
        return "now"
    for limit, unit, word in ((3600, 60, "min"), (86400, 3600, "h")):
        if seconds < limit:
            return f"{int(seconds // unit)} {word}"
    return f"{int(seconds // 86400)} d"
