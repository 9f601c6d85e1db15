"""Analyses of the whole network: exits, redundancy, and sweeps over many scenarios."""
