"""Inspection: views of a trained network, at any moment of a run whose weights are stored.

A view is one file in `views/`: a function from a `NetworkSnapshot` (one network, its data and its predictions) and
options to a frozen struct, registered as `VIEW`. To add one, write `views/NAME.py` with

- options, a struct that derives from `engine.inspection.view.Options`;
- an answer, a struct that derives from `engine.inspection.messages.Answer` with the view's name as its tag;
- the function, which raises `UnfitError` with a sentence if the data or the network have nothing to show;
- `VIEW = InspectionView(NAME, options, answer, function)`;

and add the name to `registry.py`. `nnterm inspect` then prints it as JSON, and the process that serves the app
(`server.py`) answers requests for it. For its place on the screen see `tui/inspect`.

Imports here are light; NumPy comes with `inspector` and the views.
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
