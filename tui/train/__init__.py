"""The Train screen: live curves, figures and layer health of a run, and the keys that steer it."""
