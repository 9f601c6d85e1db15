"""Alias of `amurgeo.dataset.schema.geo_dir`."""

from amurgeo.dataset.schema import geo_dir as geo_dir
