"""Looks inside a trained network: views of a run at any moment whose weights were kept.

A view is one file in `views/`: a function from a `Look` (one network, its data, what it says of them) and options to a
frozen struct, put together as `VIEW`. To add one: write `views/NAME.py` with

- options, a struct that derives from `engine.inspection.view.Options`;
- an answer, a struct that derives from `engine.inspection.messages.Answer` with the view's name as its tag;
- the function, which raises `UnfitError` with a sentence where the data or the network have nothing to show;
- `VIEW = View(NAME, options, answer, function)`;

and name it in `registry.py`. `nnterm inspect` then gives it as JSON, and the process that serves the app
(`server.py`) answers requests for it. Its text and its place on the screen: see `tui/inspect`.

What is imported here is light; NumPy comes with `inspector` and the views.
"""

from engine.inspection.messages import (
    Answer,
    At,
    InspectedRun,
    Moment,
    Raster,
    Reply,
    Request,
    UnfitError,
    Unseen,
)

__all__ = ["Answer", "At", "InspectedRun", "Moment", "Raster", "Reply", "Request", "UnfitError", "Unseen"]
