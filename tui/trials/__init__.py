"""The Trials screen: short experiments on the current network, each with a plot and an answer."""
