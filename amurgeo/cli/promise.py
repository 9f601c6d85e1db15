"""The command promise: when a journey arrives, how surely, and the last day to leave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import click

import amurgeo
from amurgeo.cli import shared
from amurgeo.cli.shared import Request

_HOURS = ("p10_h", "p50_h", "p90_h", "p95_h")
_WEEKS = ("week", *_HOURS, "mean_h", "queue_h", "never", "within", "crossing", "share")
_MEANS = ("mean_h", "queue_h", "never", "within")
_PLANS = ("plan", *_HOURS, "mean_h", "never", "within", "straight", "drive_h", "wait_h", "queue_h")


@click.command()
@shared.options(
    "ends deadline on_plans plan draws_of_seasons scenario assume vehicle drivers queues png_promise "
    "kind printed_of_all"
)
def promise(
    request: Request,
    origin: str,
    destination: str,
    by: str | None,
    start: str | None,
    days: int | None,
    draws: int,
    queues: bool,
    kind: str,
    **options: Any,
) -> None:
    """Show when a journey from ORIGIN to DESTINATION arrives, how surely, and the last day to leave."""
    from amurgeo.analysis.promise import deadline_of, plan_name
    from amurgeo.text import parse_day

    first = date.today() if start is None else parse_day(start)
    if days is None:
        days = 365 if by is None else max((deadline_of(by, "UTC").date() - first).days + 1, 1)
    drawn = {name: options.pop(name) for name in ("seed", "scenario", "not_by", "assume")}
    e = amurgeo.ensemble(request.net, start=first, end=first + timedelta(days=days - 1), n=draws, **drawn)
    if queues:
        ends = {"start": e.days[0], "end": e.states.days[-1]}
        options["queues"] = amurgeo.queues(request.net, drawn["scenario"], assume=drawn["assume"], **ends)
    result = amurgeo.promise(e, origin, destination, by=by, **options)
    document = result.to_dict(request.data_lang)
    places = {side: request.name(result.net.nodes, document[side]) for side in ("origin", "destination")}
    title = request.text("title.promise", **places)

    hidden = {*(() if queues else ("queue_h",)), *(("within",) if by is None else ())}
    columns = lambda names: [name for name in names if name not in hidden]  # noqa: E731

    def table() -> None:
        for sentence in document["sentences"]:
            request.say(f"• {sentence}")
        spare = ("p10_h", "p95_h", "mean_h", "never", *(() if by is None else ("share",)))
        request.table(title, columns(_WEEKS), _weeks(result), spare=spare)
        name = lambda plan: plan if request.ids else plan_name(result.net, plan, request.lang)  # noqa: E731
        plans = [{**row, "plan": name(row["plan"])} for row in document["plans"]]
        heading = request.text("promise.plans", day=document["on"])
        request.table(heading, columns(_PLANS), plans, spare=("p10_h", "p95_h", "drive_h"))

    files = lambda: {"days": result.days, "plans": result.plans.reset_index()}  # noqa: E731
    period = (str(e.days[0]), str(e.days[-1]))
    about = {"title": title, "when": period, "vehicle": result.vehicle, "scenario": [e.states.scenario]}
    request.draw("promise_figure", result, kind=kind)
    parts: Any = {"files": files, **about}
    request.emit(result, table, document, rows=document["days"], sentence=document["sentences"], **parts)


def _weeks(result: Any) -> Iterator[dict[str, Any]]:
    """Return the hours of all journeys of each week, and its usual crossing."""
    from amurgeo.analysis.days import QUANTILES, quantiles

    for first in range(0, len(result.days), 7):
        week, hours = result.days[first : first + 7], result.hours[:, first : first + 7].ravel()
        values = dict(zip(QUANTILES, map(float, quantiles(hours, list(QUANTILES.values()))), strict=True))
        shares = week.groupby("crossing", dropna=False)["share"].sum() / len(week)
        yield {
            **{name: None if value == float("inf") else value for name, value in values.items()},
            **{name: float(week[name].mean()) for name in _MEANS if name in week},
            **{"week": f"{week['day'].iloc[0]:%Y-%m-%d}", "crossing": shares.idxmax(), "share": shares.max()},
        }
