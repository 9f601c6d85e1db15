"""The network: base tables, places by name, and the graph they make."""

from amurgeo.network.tables import (
    CRS,
    DESTINATIONS,
    OBLAST,
    Network,
    large_towns,
    load,
    vehicle_row,
)

__all__ = ["CRS", "DESTINATIONS", "OBLAST", "Network", "large_towns", "load", "vehicle_row"]
