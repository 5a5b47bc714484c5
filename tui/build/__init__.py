"""The Build screen: the network and its training as editable tables, with presets, a drawing and a verdict."""
