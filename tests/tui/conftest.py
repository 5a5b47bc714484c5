"""Set-up of all tests of the app."""

from tests import (
    pilots as pilots,  # changes how Pilot waits and how styles are parsed, for every app under test
)
