"""The demonstration: a generated province on the model of Hải Dương, and Longnan; every person is invented."""
