"""Every view by name, in the order in which they are shown."""

from engine.inspection.view import InspectionView
from engine.inspection.views import (
    activations,
    boundary,
    classes,
    confusion,
    draw,
    fit,
    histograms,
    landscape,
    mistakes,
    overview,
    robustness,
    units,
    weights,
)

VIEWS: dict[str, InspectionView] = {
    module.VIEW.name: module.VIEW
    for module in (
        overview,
        confusion,
        classes,
        mistakes,
        weights,
        boundary,
        fit,
        histograms,
        activations,
        units,
        robustness,
        draw,
        landscape,
    )
}
