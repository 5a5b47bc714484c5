"""The Data screen: a list of the datasets, with a picture and a description of each."""
