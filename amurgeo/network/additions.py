"""Crossings and roads that a scenario adds to a network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from numbers import Real
from operator import itemgetter
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from amurgeo.dataset.area import overlay_rows
from amurgeo.dataset.schema import ESTIMATED
from amurgeo.errors import InputError, unknown_name_error
from amurgeo.network.tables import Network, with_tables

#: Networks with additions to keep per network.
_KEPT = 4


def _not_text(value: Any) -> Any:
    """Refuse text and truth values, which pydantic would convert to numbers."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, Real)):
        raise ValueError(f"expected a number, not {value!r:.60}")
    return value


def _named(text: str) -> str:
    """Refuse text without letters, which names nothing."""
    if not text.strip():
        raise ValueError("is empty; expected a name or id")
    return text


Name = Annotated[str, AfterValidator(_named)]
Number = Annotated[float, BeforeValidator(_not_text)]
Integer = Annotated[int, BeforeValidator(_not_text)]


RoadClass = Literal["motorway", "trunk", "primary", "secondary", "street"]
Surface = Literal["asphalt", "gravel", "mixed"]
Mode = Literal["bridge", "ferry", "hovercraft", "pontoon", "ice_road", "cableway", "road"]
#: Modes whose season is that of the river's ice.
SEASONAL = ("ferry", "hovercraft", "pontoon", "ice_road")


class Definition(BaseModel):
    """A part of a scenario file: immutable, without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise InputError(f"{type(self).__name__} is invalid: {explain(error, type(self))}") from None

    # Parts of a file are validated as parts, so that a fault has its place in the file.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @model_validator(mode="before")
    @classmethod
    def _check_letters(cls, values: Any) -> Any:
        for name, value in values.items() if isinstance(values, dict) else ():
            if isinstance(value, str) and not value.isprintable() and re.search("[\ud800-\udfff]", value):
                raise ValueError(f"'{name}' is invalid: {value!r:.60}; expected text in UTF-8")
        return values


def explain(error: ValidationError, model: type[BaseModel]) -> str:
    """Return the faults of a definition in one line, key by key."""
    faults: dict[str, None] = {}
    for fault in error.errors(include_url=False):
        location = [part + 1 if isinstance(part, int) else part for part in fault["loc"]]
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            keys = _keys_at(model, location[:-1])
            similar = get_close_matches(str(location[-1]), keys, n=1)
            hint = f"did you mean '{similar[0]}'?" if similar else f"the keys are {', '.join(keys)}"
            message = f"unknown key; {hint}"
        elif fault["type"] == "missing":
            message = "is missing"
        elif fault["type"].startswith("union_tag"):
            kinds = " or ".join(f'"{kind.model_fields["kind"].default}"' for kind in (NewRoad, NewCrossing))
            location = [*location, "kind"]
            message = f"expected {kinds}, not {(fault.get('ctx') or {}).get('tag', 'none')!r:.60}"
        elif fault["type"] != "value_error" and not isinstance(fault.get("input"), dict | list | None):
            message = f"{message[0].lower()}{message[1:]}, not '{fault['input']!s:.60}'"
        faults[f"key '{'.'.join(map(str, location))}': {message}" if location else message] = None
    return " ".join("; ".join(faults).split())


def _keys_at(model: type[BaseModel], location: Sequence[Any]) -> list[str]:
    """Return the keys of the part of a definition at a location."""
    for part in location:
        for kind in [model, *(kind for kind in Definition.__subclasses__())]:
            tag = kind.model_fields.get("kind")
            if part == (tag.default if tag else kind.__name__.casefold()):
                model = kind
    return [name for name, field in model.model_fields.items() if not field.exclude]


class NewRoad(Definition):
    """A road that a scenario adds, open all year unless the change has days."""

    kind: Literal["road"] = "road"
    """Always ``road``."""
    start: Name = Field(validation_alias=AliasChoices("from", "start", "from_"), serialization_alias="from")
    """Place at one end."""
    end: Name = Field(validation_alias=AliasChoices("to", "end"), serialization_alias="to")
    """Place at the other end."""
    length_km: Number = Field(gt=0, le=3000)
    """Length in kilometres."""
    road_class: RoadClass = Field(
        default="primary", validation_alias=AliasChoices("class", "road_class"), serialization_alias="class"
    )
    """Class of the road."""
    surface: Surface = "asphalt"
    """Surface."""

    @property
    def id(self) -> str:
        """Both ends, as the user named them."""
        return f"{self.start}--{self.end}"


class NewCrossing(Definition):
    """A crossing that a scenario adds between the terminals of a checkpoint.

    Without days of the change it works all year, or in the typical season of its mode (`SEASONAL`).
    """

    kind: Literal["crossing"] = "crossing"
    """Always ``crossing``."""
    checkpoint: Name
    """Checkpoint id."""
    mode: Mode
    """Mode."""
    length_km: Number = Field(gt=0, le=300)
    """Length in kilometres."""
    travel_min: Number = Field(ge=0, le=600)
    """Travel time in minutes."""
    admits: tuple[Name, ...] = Field(min_length=1)
    """Vehicles admitted."""
    max_mass_t: Number | None = Field(default=None, gt=0, le=500)
    """Gross mass in tonnes of the heaviest vehicle admitted."""
    border_h: Number = Field(default=6.5, ge=0, le=500)
    """Hours of border control on both sides."""
    wait_h: Number = Field(default=0.0, ge=0, le=500)
    """Hours of waiting."""

    @property
    def id(self) -> str:
        """Id of the crossing: checkpoint and mode."""
        return f"{self.checkpoint}:{self.mode}"


def with_additions(net: Network, scenario: Any) -> Network:
    """Return the network with the roads, crossings and speeds of a scenario; the same one if it has none.

    Added roads and crossings are in the tables on all days; `seasons` applies the days of their change.
    """
    changes = [change for change in scenario.changes if change.add is not None or change.vehicle is not None]
    if not changes:
        return net
    made: dict[Any, Network] = net.cache.setdefault("with_additions", {})
    key = tuple(change.content for change in changes)
    if key not in made:
        rows: dict[str, list[dict[str, Any]]] = {"roads": [], "crossings": [], "services": [], "speeds": []}
        for change in changes:
            try:
                if change.add is None:
                    rows["speeds"] = _speeds(net, change, rows["speeds"])
                elif isinstance(change.add, NewRoad):
                    _add(rows["roads"], _road(net, change.add))
                else:
                    _add(rows["crossings"], _crossing(net, change.add))
                    rows["services"] += _services(net, change.add, change.traffic)
            except InputError as error:
                where = f"scenario '{change.by}', key '{change.action}'"
                raise InputError(f"{where}: {error}") from None
        while len(made) >= _KEPT:
            del made[next(iter(made))]
        made[key] = with_tables(net, overlay_rows(net.base, rows))
        made[key].before = net
    return made[key]


def _add(rows: list[dict[str, Any]], row: dict[str, Any]) -> None:
    if any(other["id"] == row["id"] for other in rows):
        raise InputError(f"'{row['id']}' is added twice; expected one addition")
    rows.append(row)


def _speeds(net: Network, change: Any, changed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the changed rows of the table of speeds after one more change of the speed of a vehicle."""
    speeds = net.base["speeds"]
    key_of = itemgetter(*speeds.index.names)
    rows = {key_of(row): row for row in [*speeds.reset_index().to_dict("records"), *changed]}
    vehicles = net.base["vehicles"].index
    if change.vehicle not in vehicles:
        raise unknown_name_error("vehicle", change.vehicle, vehicles)
    classes = {row["class"] for row in rows.values() if row["vehicle"] == change.vehicle}
    if change.road_class not in (None, *classes):
        raise unknown_name_error("class of road", change.road_class, classes)
    changes = {key_of(row): row for row in changed}
    for key, row in rows.items():
        if row["vehicle"] == change.vehicle and change.road_class in (None, row["class"]):
            factor = change.speed_factor
            speed_kmh = float(change.speed_kmh if factor is None else row["speed_kmh"] * factor)
            # The range belonged to the former speed.
            unknown = {"low_kmh": None, "high_kmh": None}
            changes[key] = {**row, "speed_kmh": speed_kmh, **unknown, **ESTIMATED}
    return list(changes.values())


def _road(net: Network, road: NewRoad) -> dict[str, Any]:
    start, end = net.find(road.start), net.find(road.end)
    if start == end:
        raise InputError(f"the road joins '{road.start}' to itself; expected two places")
    if net.nodes.at[start, "country"] != net.nodes.at[end, "country"]:
        raise InputError(f"'{road.start}' and '{road.end}' lie on two banks; expected a crossing instead")
    columns = road.model_dump(include={"length_km", "road_class", "surface"}, by_alias=True)
    return estimated_road(start, end, {**columns, "id": added_road(net, road)})


def added_road(net: Network, road: NewRoad) -> str:
    """Return the id of an added road in the tables."""
    return f"{net.find(road.start)}--{net.find(road.end)}:added"


def estimated_road(start: str, end: str, columns: dict[str, Any]) -> dict[str, Any]:
    """Return the row of a road that no source gives, open all year and free of toll."""
    ends = {"id": f"{start}--{end}", "from": start, "to": end, "length_source": "estimated"}
    return {**ends, **ESTIMATED, **columns}


def _crossing(net: Network, crossing: NewCrossing) -> dict[str, Any]:
    checkpoints, terminals = net.base["checkpoints"], net.base["terminals"]
    if crossing.checkpoint not in checkpoints.index:
        raise unknown_name_error("checkpoint", crossing.checkpoint, checkpoints.index)
    if crossing.id in net.base["crossings"].index:
        raise InputError(
            f"crossing '{crossing.id}' exists already; open it with open = true, or add another mode"
        )
    terminals = terminals[terminals["checkpoint"] == crossing.checkpoint]
    banks = dict(zip(terminals["side"], terminals.index, strict=True))
    return {
        **crossing.model_dump(include={"checkpoint", "mode", "length_km", "travel_min"}),
        "id": crossing.id,
        "from": banks["home"],
        "to": banks["far"],
        "travel_confidence": "estimated",
        **ESTIMATED,
    }


def _services(net: Network, crossing: NewCrossing, only: str | None) -> list[dict[str, Any]]:
    """Return the services of a new crossing: one for each kind of traffic that it admits, or only one."""
    vehicles = net.base["vehicles"]["traffic"]
    admitted: dict[str, tuple[str, ...]] = {}
    for vehicle in crossing.admits:
        if vehicle not in vehicles.index:
            raise unknown_name_error("vehicle", vehicle, vehicles.index)
        admitted[vehicles[vehicle]] = (*admitted.get(vehicles[vehicle], ()), vehicle)
    if only is not None and only not in admitted:
        raise InputError(f"'{crossing.id}' admits no vehicle for {only} traffic; add one to 'admits'")
    return [
        {
            "crossing": crossing.id,
            "traffic": traffic,
            "regular": True,
            "all_year": crossing.mode not in SEASONAL,
            "max_mass_t": crossing.max_mass_t,
            "admits": admits,
            "border_h_out": crossing.border_h,
            "border_h_in": crossing.border_h,
            "wait_h": crossing.wait_h,
            "times_confidence": "estimated",
            "times_source": "estimate",
            **ESTIMATED,
        }
        for traffic, admits in admitted.items()
        if only in (None, traffic)
    ]
