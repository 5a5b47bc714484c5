"""What the tests of the app share."""

from tests import pilots as pilots  # every app under test waits and parses as it says
