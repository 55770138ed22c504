"""Scores and the models behind them: for now the simulation of results; later classical statistics and scaling."""
