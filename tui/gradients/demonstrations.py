"""The dialog that chooses a bug to plant for a demonstration."""

from collections.abc import Sequence

from tui.shell.dialogs import ChoiceDialog

TITLES = {
    "sign": "wrong sign in a layer's backward",
    "mean": "gradient not divided by the batch size",
    "transposed": "weight gradient transposed",
    "derivative": "activation derivative left out",
    "bias": "bias gradient of the first sample only",
    "unit": "one unit left out of the weight gradient",
    "dropout": "dropout mask missing in backward",
    "batchnorm": "mean term of batch normalisation missing",
    "masks": "one dropout mask for the whole batch",
    "float32": "weight gradient off in float32 only",
}
"""The demonstrations by name; the registry is `engine.gradcheck.planted`, which needs NumPy."""


def demonstration_dialog(possible: Sequence[str], current: str) -> ChoiceDialog:
    """Return the dialog; its result is the name of a bug, or "" to end the demonstration.

    Args:
        possible: names of the bugs that fit the network; empty: not known, all are offered.
        current: the planted bug; empty: none.
    """
    names = [name for name in TITLES if not possible or name in possible]
    answers = [(key, TITLES[name], name) for key, name in zip("123456789ab", names, strict=False)]
    if current:
        answers.insert(0, ("0", "no bug: end the demonstration", ""))
    question = (
        "Demonstration: plant a known bug in a copy of the network and see how the check finds it. "
        "Runs and files do not change."
    )
    return ChoiceDialog(question, answers, title="break a gradient")
