"""Every view by name, in the order in which they are shown."""

from engine.inspection.view import View
from engine.inspection.views import boundary, classes, confusion, fit, mistakes, overview, weights

VIEWS: dict[str, View] = {
    module.VIEW.name: module.VIEW
    for module in (overview, confusion, classes, mistakes, weights, boundary, fit)
}
