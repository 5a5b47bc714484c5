"""The Trials screen: small experiments on the network at hand."""
