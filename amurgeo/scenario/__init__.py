"""Scenarios: named, composable sets of changes over the base tables."""

from amurgeo.network.additions import NewCrossing, NewRoad
from amurgeo.scenario.model import Change, Scenario, as_scenario, scenario_names

__all__ = ["Change", "NewCrossing", "NewRoad", "Scenario", "as_scenario", "scenario_names"]
