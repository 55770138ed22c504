"""Samples: drawn, weighted, and estimated from, with the errors that their design gives."""
