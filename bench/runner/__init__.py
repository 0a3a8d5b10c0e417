"""Measures Sluice beside small peers that do the same work; ./dev bench runs it."""
