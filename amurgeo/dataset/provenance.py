"""Alias of `amurgeo.dataset.checks.provenance`."""

from amurgeo.dataset.checks.provenance import ESTIMATE as ESTIMATE
from amurgeo.dataset.checks.provenance import lapsed as lapsed
from amurgeo.dataset.checks.provenance import sums as sums
