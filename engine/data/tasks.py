"""Which task a dataset can be used for: what it is by nature, and what the user asks for."""

from engine.data.info import Task
from engine.errors import DataError


def choose_task(name: str, asked: str, natural: Task, n_classes: int) -> Task:
    """Return the task to use: `asked`, or `natural` where that is "auto".

    Two classes may be a yes-or-no question with one output (binary) or a choice with two (classification).

    Args:
        n_classes: 0 for a regression.

    Raises:
        DataError: the data cannot be used so.
    """
    if asked in ("auto", natural):
        return natural
    if natural == "regression":
        reason = f'task = "{asked}": the targets of {name} are values, not classes'
        raise DataError(reason, 'set task = "regression", or leave it out')
    if asked == "regression":
        reason = f'task = "regression": the labels of {name} are classes, whose numbers measure nothing'
        raise DataError(reason, f'set task = "{natural}", or leave it out')
    if asked == "binary" and n_classes != 2:
        reason = f'task = "binary": {name} has {n_classes} classes, a yes-or-no question has 2'
        raise DataError(reason, 'set task = "classification", or leave it out')
    return "binary" if asked == "binary" else "classification"


def count_outputs(task: Task, n_classes: int, n_targets: int = 1) -> int:
    """Return the outputs that a network needs: 1 for binary, one a class, or one a target."""
    if task == "regression":
        return n_targets
    return 1 if task == "binary" else n_classes
