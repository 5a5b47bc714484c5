"""The Data screen: the datasets, with a picture and a description of each."""
