"""Weights of a study: from the sample that was drawn to the students who took part."""
