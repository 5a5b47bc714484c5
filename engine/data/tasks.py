"""The task of a dataset: the natural one of its targets, or the requested one."""

from engine.data.info import Task
from engine.errors import DataError
from engine.words import counted


def choose_task(name: str, requested: str, natural: Task, n_classes: int) -> Task:
    """Return the task to use: `requested`, or `natural` if that is "auto".

    Two classes can be a binary task with one output or a classification with two.

    Args:
        name: name of the dataset in error messages.
        requested: auto, classification, binary or regression.
        natural: the task that the targets suggest.
        n_classes: number of classes; 0 for a regression.

    Raises:
        DataError: the targets are incompatible with the requested task.
    """
    if requested in ("auto", natural):
        return natural
    if natural == "regression":
        reason = f'task = "{requested}": the targets of {name} are values, not classes'
        raise DataError(reason, 'set task = "regression", or omit it')
    if requested == "regression":
        reason = f'task = "regression": the labels of {name} are classes, whose numbers are not quantities'
        raise DataError(reason, f'set task = "{natural}", or omit it')
    if requested == "binary" and n_classes != 2:
        classes = counted(n_classes, "class", "classes")
        reason = f'task = "binary": {name} has {classes}, a binary task has 2'
        raise DataError(reason, 'set task = "classification", or omit it')
    return "binary" if requested == "binary" else "classification"


def count_outputs(task: Task, n_classes: int, n_targets: int = 1) -> int:
    """Return the number of outputs of a network: 1 for binary, else one per class or per value."""
    if task == "regression":
        return n_targets
    return 1 if task == "binary" else n_classes
