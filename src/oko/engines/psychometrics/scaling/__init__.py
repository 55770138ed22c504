"""Scaling: item response models by marginal maximum likelihood, persons' estimates, linking of scales."""
