"""The Inspect screen: one view per file, each of which draws one kind of answer of `engine.inspection`.

To add a view, write its engine side first (see `engine.inspection`), then `NAME.py` here with the class `NameView`, a
subclass of `tui.inspect.view.InspectView` that shows the answer, and an entry in `registry.py`, which `nnterm inspect`
reads too. Its text is a function in `tui/cli/inspect_output.py`; without one the answer is printed as JSON.

Nothing here computes. Answers come decoded from a child process (`client.py`), in which `engine.inspection.server`
holds the data and the networks; NumPy is loaded with the first answer.
"""
