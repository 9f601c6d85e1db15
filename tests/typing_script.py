"""A script that uses every public name; test_public.py checks it with ``mypy --strict``, as a user would.

Nothing here runs: only the types are checked. A new public name gets a line, in the order of the modules.
"""

from datetime import date
from pathlib import Path

import amurgeo as ag


def loaded() -> ag.Network:
    """The network, and names."""
    names: tuple[str, ...] = ag.scenario_names()
    print(ag.__version__, ag.show_versions(), names)
    return ag.load("my_tables", home=["primorsky_krai"])


def dated(net: ag.Network) -> None:
    """States and dates."""
    state: ag.State = ag.state(net, "2026-01-20")
    unknown: tuple[str, ...] = ag.state(net, "2020-03-15", assume=None).unknown("truck_20t")
    assert unknown
    states: ag.States = ag.states(net, date(2026, 7, 1), date(2027, 6, 30), scenario="warm_2c")
    print(state.crossings, state.to_frame(), state.to_gdf(), states.to_frame())
    days = ag.calendar(net, 2026, scenario=Path("scenario.toml"))
    dates: ag.Dates = ag.dates(net, "poyarkovo:ice_road", season="2026/27", traffic="cargo")
    ahead = ag.next_changes(net, "2026-10-20", risk=0.05)
    briefing: ag.Briefing = ag.brief(net, "2026-11-28", since="2026-11-21")
    print(briefing.sentences("ru"), briefing.write(Path("briefing.pdf"), lang="zh"))
    safe = ag.seasons.safe_days(net, "2026-10-20", risk=0.05)
    print(safe["first_safe_day"].min(), ag.gaps(net, 2026, vehicle="truck_20t")["days_p50"].max())
    scored = ag.score_forecasts(net, ag.forecast(net, "2026-11-28"))
    print(scored["error_days"])
    print(days, dates.frame, dates.to_dict(), ahead)
    season: ag.seasons.Season = ag.seasons.season(net, "poyarkovo:ferry", season="2027", traffic="cargo")
    temperatures = ag.seasons.winter_temperatures(net.table("climate"), warming_c=1.5)
    print(season.method, ag.seasons.ice_winter(temperatures).days)
    print(ag.seasons.season_shift(net.table("climate"), warming_c=2.0).freeze_up_shift_days)
    thickness: float = ag.seasons.required_thickness_cm(30, thaw=True)
    mass: float = ag.seasons.bearing_mass_t(thickness)
    print(mass, ag.graph(state, vehicle="truck_20t").number_of_edges())


def routed(net: ag.Network) -> None:
    """Routes, matrices, comparisons."""
    routes: ag.Routes = ag.routes(
        net, "Zeya", "Harbin", on="2026-01-20", k=2, scenario=["frozen", "no_bridge"]
    )
    route: ag.Route = routes[0]
    print(route.legs, [one.length_km for one in routes], routes.map())
    print(ag.od_matrix(net, ["Zeya", (50.45, 127.62)], "Harbin", on=date(2026, 1, 20), value="length_km"))
    print(ag.daily(net, ["Zeya"], ["Harbin"], start="2026-01-01", end="2026-12-31", scenarios=["frozen"]))
    shut: ag.Change = ag.close("kani_kurgan:bridge", "2026-11-10", date(2026, 11, 20))
    changes: list[ag.Change] = [
        shut,
        ag.open("blagoveshchensk:pontoon"),
        ag.delay("poyarkovo:ice_road", 21),
        ag.limit("poyarkovo:ice_road", 15.0),
        ag.wait("kani_kurgan:bridge", 12),
        ag.border_hours("kani_kurgan:bridge", 3.5),
        ag.speed("truck_20t", factor=0.8),
        ag.add_crossing("dzhalinda", "bridge", length_km=2, travel_min=5, admits=["truck_20t"]),
        ag.add_road("Zeya", "Tynda", length_km=300),
        ag.warming(1.5),
    ]
    scenario = ag.Scenario("mine", changes=changes)
    print(scenario.to_toml(), ag.Scenario.from_dict(scenario.to_dict()), ag.Scenario.from_toml("mine.toml"))
    result: ag.Comparison = ag.compare(net, ["baseline", Path("scenario.toml"), scenario], on="2026-01-20")
    print(result.pairs, result.sentences("ru"), ag.sweep(net, ["frozen"], ["2026-01-20"]))
    exits: ag.Exits = ag.exits(net, "Zeya", on="2026-01-20")
    print(exits.frame, ag.redundancy(net, 2026), ag.criticality(net, on="2026-07-15"), ag.access(net, 2026))
    helps: ag.Measures = ag.measures(net, "2026/27", names=["ice_night"], draws=2)
    print(helps.frame, helps.hinges, helps.sentences("zh"), helps.name("ice_night"), helps.figure())
    ag.figures.measures_figure(helps, path="measures.svg")
    critical = ag.criticality(net, on="2026-07-15", weight="trucks")
    print(critical.names("zh"), critical.sentences("ru"), ag.catchments(net, on="2026-07-15", bands=[2, 6]))
    critical.map(lang="ru").save(Path("critical.html"))
    ag.maps.critical_map(critical).save(Path("critical.html"))
    ag.maps.access_map(ag.access(net, 2026)).save(Path("access.html"))
    ag.figures.critical_figure(critical, path="critical.png")
    ag.figures.access_figure(ag.access(net, 2026), lang="ru", path="access.svg")
    lost = ag.equity(net, 2026, scenario="no_bridge", to="hospital")
    print(lost.summary["gini_alt"], lost.sentences("zh"), ag.figures.equity_figure(lost))
    ag.maps.page(result).save(Path("compare.html"))
    ag.figures.compare_figure(result, lang="zh", path="changes.svg")
    ag.figures.network_figure(net, routes.state, path="network.png")
    ag.figures.calendar_figure(ag.calendar(net, 2026), year=2026, path="year.png")
    e: ag.Ensemble = ag.ensemble(net, winter="2026/27", n=100, not_by={"poyarkovo:ice_road": "2027-01-10"})
    p: ag.Promise = ag.promise(e, "Belogorsk", "Harbin", by="2027-02-15", sure=0.8)
    print(e.chance(), e.turns(), e.open, p.to_dict("ru"), p.kept_within(24.0), p.sentences(), p.last_day)
    print(p.figure(kind="plans", path="plans.svg"), p.tti, p.pti)
    ag.figures.promise_figure(p, kind="calendar", path="calendar.png")
    print(ag.daily(net, ["Zeya"], ["Harbin"], ensemble=e))
    q: ag.Queues = ag.queues(net, ["baseline", scenario], start="2026-11-01", end="2026-11-30", demand=1.2)
    print(q.days, q.classes(), q.sentences("zh"), q.figure(lang="ru"), ag.capacity(net, 2026))
    same: ag.flows.Queues = ag.flows.queues(net, start="2026-11-01", end="2026-11-30", draws=10, seed=1)
    ag.figures.queue_figure(same, path="queues.png")
    found = ag.routes(net, "Zeya", "Heihe", on="2026-02-10")
    ag.figures.routes_figure(found, path="routes.pdf", lang="ru")
    ag.figures.tcd_figure(found, path="tcd.svg", dpi=100)
    print(found[0].profile()["hours"].max(), found[0].indicators(lang="zh")["n"].sum())
    print(ag.flows.capacity(net, 2026), ag.flows.room(routes.state))
    curve = ag.flows.capacity_curve(
        net, "kani_kurgan:bridge", start="2026-10-01", end="2026-10-05", demand=1.1
    )
    ag.figures.curve_figure(curve, net, lang="ru", path="curve.png")
    ag.figures.capacity_figure(ag.capacity(net, 2026), net, path="room.pdf", dpi=100)
    print(ag.flows.room_sentence(routes.state, routes.state, "ru"))
    ag.report.write(result, "report.html", lang="zh")
    print(len(ag.report.decision_sheet(result)))


def written(net: ag.Network) -> None:
    """Tables, exports, areas of OpenStreetMap, errors."""
    other: ag.Network = ag.Network.from_folder("other_border")
    same: ag.Network = ag.Network.from_tables(other.tables, folder=Path("other_border"))
    print(same.find("Heihe"))
    files: list[Path] = ag.new("mine")
    row: dict[str, str] = ag.record("mine", "poyarkovo:ice_road", "open", "2027-01-15", source="estimate")
    checked: ag.CheckResult = ag.check("mine")
    faults: tuple[ag.Fault, ...] = checked.faults
    print(files, row["id"], faults, checked.passed(strict=True))
    paths: list[Path] = ag.export.write(net, "out", formats=["gpkg"], on="2026-01-20")
    paths += ag.export.write_tables("tables.xlsx", {"places": net.places})
    print(paths, ag.osm.WAY_TAGS + ag.osm.NODE_TAGS)
    area: ag.osm.BuiltArea = ag.osm.read("area.osm.pbf", net=net)
    folder: Path = area.write("area")
    try:
        ag.osm.fetch(around="Zeya", km=10, retrieved="2026-11-28", cache="answers", net=ag.load(folder))
    except ag.osm.FetchError as error:
        print(error)
    except ag.DataError as error:
        print(error.faults)
    except (ag.InputError, ag.AmurgeoError) as error:
        print(error)
