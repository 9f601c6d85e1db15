"""Scenarios: named, composable sets of changes over the base tables."""

from amurgeo.network.additions import NewCrossing, NewRoad
from amurgeo.scenario.files import Scenario, ScenarioLike, as_scenario, json_schema, scenario_names
from amurgeo.scenario.model import Change, Span

__all__ = [
    "Change",
    "NewCrossing",
    "NewRoad",
    "Scenario",
    "ScenarioLike",
    "Span",
    "as_scenario",
    "json_schema",
    "scenario_names",
]
