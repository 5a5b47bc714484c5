"""The Gradients screen: gradient checks, error maps, and a walk through back-propagation."""
