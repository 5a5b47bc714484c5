"""The Inspect screen: one view per file, each of which draws one kind of answer of `engine.inspection`.

To add a view: write its engine side first (see `engine.inspection`), then a file here with a subclass of
`tui.inspect.view.InspectView` that shows the answer, and a row in `registry.py`. The text that `nnterm inspect`
prints is in `tui/cli/inspect_output.py`.

Nothing here computes. Answers come decoded from a child process (`client.py`), in which `engine.inspection.server`
holds the data and the networks; NumPy is loaded with the first answer.
"""
