"""Comparison of scenarios."""
