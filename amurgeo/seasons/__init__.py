"""Seasons: the status of every crossing on a date, its reason, evidence and probability."""
