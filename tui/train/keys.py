"""The keys of the Train screen, in the order of its key bar."""

from textual.binding import Binding, BindingType

TRAIN_KEYS: tuple[BindingType, ...] = (
    Binding("space", "pause", "pause", tooltip="pause the training"),
    Binding("space", "resume", "resume", tooltip="resume the training"),
    Binding("enter", "forward", "check gradients", tooltip="check the gradients of the trained network"),
    Binding("enter", "open_newest", "watch", tooltip="watch the newest run"),
    Binding(
        "space",
        "resume('ended')",
        "continue",
        tooltip="continue the training, with more epochs if it is complete",
    ),
    Binding("s", "step", "step", tooltip="make a single step, and walk through it: batch, gradient, update"),
    Binding("plus,equals_sign", "rate(1)", "rate", key_display="+ -", tooltip="raise the learning rate"),
    Binding(
        "minus,underscore", "rate(-1)", "rate", key_display="-", show=False, tooltip="lower the learning rate"
    ),
    Binding(
        "left_parenthesis",
        "pace(-1)",
        "slower",
        key_display="(",
        tooltip="slow motion: fewer steps per second",
    ),
    Binding(
        "left_parenthesis", "pace('again')", "slow motion", key_display="(", tooltip="retrain in slow motion"
    ),
    Binding(
        "right_parenthesis",
        "pace(1)",
        "faster",
        key_display=")",
        tooltip="more steps per second, up to full speed",
    ),
    Binding("d", "doctor", "findings", tooltip="the doctor's findings, with evidence and fixes"),
    Binding("r", "restart", "retrain", tooltip="train again from the same initial weights"),
    Binding("e", "trials", "experiments", tooltip="short experiments on this network"),
    Binding("g", "gradients", "check gradients", tooltip="check the gradients at the present weights"),
    Binding(
        "g", "gradients('ended')", "check gradients", show=False, tooltip="check the gradients at its weights"
    ),
    Binding("x", "stop", "stop", tooltip="save a checkpoint and stop the training"),
    Binding(
        "B", "view('boundary')", "boundary", tooltip="show or hide the decision boundary, or the fitted curve"
    ),
    Binding("b", "compare", "compare", tooltip="compare with the previous run"),
    Binding("D", "view('draw')", "draw", tooltip="draw a digit for the network, on Inspect"),
    Binding("i", "health", "layers", tooltip="focus the layers panel; again: hide it"),
    Binding("I", "measure", "layer stats", tooltip="layer stats and findings on or off"),
    Binding("c", "checkpoint", "checkpoint", tooltip="save a checkpoint now"),
)
"""Several bindings of one key have different words for what it does in different states; one at a time is enabled."""
