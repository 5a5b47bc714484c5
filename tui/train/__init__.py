"""The Train screen: live curves, scores and layer statistics of a run, and the keys that steer it."""
