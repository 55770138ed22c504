"""Scores and the models behind them: so far a simulation of results."""
