"""Which of many futures hurts? A sweep and an ensemble on a cluster, with a worker that is lost on the way.

A sweep solves warmings, with the bridge and without it, on every day of a winter and keeps statistics of each
pair; an ensemble draws 200 courses of the winter and has quantiles. Both are bit-identical in this process,
on the processors of this computer and on a Dask cluster, also if a worker is lost in the middle of the work.

``python sweep_on_a_cluster.py`` starts two workers on this computer, kills one of them while the sweep runs,
and stops all at the end; without the extra ``distributed`` it uses two processes of ``concurrent.futures``.
``python sweep_on_a_cluster.py tcp://HOST:8786`` uses a running cluster with the same version on its workers.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

import pandas as pd

import amurgeo as ag


def nothing() -> None:
    """Lose no worker."""


@contextmanager
def workers(address: str | None) -> Iterator[tuple[Executor, Callable[[], None]]]:
    """Yield an executor and a function that loses one of its workers; stop them at the end."""
    try:
        from dask.distributed import Client, LocalCluster
    except ImportError:
        print("Two processes of concurrent.futures; pip install dask[distributed] for a cluster.")
        with ProcessPoolExecutor(max_workers=2) as pool:
            yield pool, nothing
        return
    if address is not None:
        print(f"The cluster at {address}.")
        with Client(address) as client, client.get_executor() as pool:
            yield pool, nothing
        return
    print("A Dask cluster of two workers on this computer.")
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, memory_limit=0
        ) as cluster,
        Client(cluster) as client,
        client.get_executor() as pool,
    ):

        def lose() -> None:
            first = next(iter(cluster.workers.values()))
            os.kill(first.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            print("One worker is lost; its tasks are solved again.")

        yield pool, lose


def main() -> None:
    """Sweep and draw, compare the results with those of this process alone, and print the hours."""
    net = ag.load()
    days = [str(day.date()) for day in pd.date_range("2026-11-01", "2027-04-30")]
    asked = [(bridge, warming) for bridge in ("baseline", "no_bridge") for warming in (0, 2, 4)]
    scenarios = [f"{bridge}+winter warming_c {warming}" for bridge, warming in asked]
    pairs = {"origins": ["Blagoveshchensk", "Belogorsk"], "destinations": ["Heihe", "Harbin"]}
    draws = ag.ensemble(net, start="2026-12-01", end="2026-12-31", n=200, scenario="no_bridge")
    with workers(sys.argv[1] if len(sys.argv) > 1 else None) as (executor, lose):
        loss = threading.Timer(1.0, lose)
        loss.start()
        found = ag.sweep(net, scenarios, days, executor=executor, progress=True, **pairs)
        loss.join()
        hours = ag.daily(net, **pairs, ensemble=draws, executor=executor)
    alone = ag.sweep(net, scenarios[:1], days, **pairs)
    same = found.head(len(alone)).equals(alone)
    print(f"{len(scenarios)} scenarios over {len(days)} days; the same as in this process: {same}.")
    same = hours.equals(ag.daily(net, **pairs, ensemble=draws))
    print(f"200 draws of {hours['date'].nunique()} days; the same as in this process: {same}.")

    heihe = found[(found["origin"] == "belogorsk") & (found["destination"] == "heihe")]
    for (bridge, warming), row in zip(asked, heihe.to_dict("records"), strict=True):
        print(
            f"{bridge}, {warming:+d} °C: Belogorsk - Heihe takes {row['mean_h']:.1f} h on average, at most "
            f"{row['max_h']:.1f} h; there is a way on {row['days_reachable']} of {row['days']} days, on "
            f"{row['main_share']:.0%} of those by {row['main_crossing']}."
        )
    drawn = hours[(hours["origin"] == "belogorsk") & (hours["destination"] == "heihe")].set_index("date")
    for day in ("2026-12-05", "2026-12-20", "2026-12-31"):
        row = drawn.loc[day]
        print(
            f"Leaving on {day} without the bridge: P10 {row['p10_h']:.0f} h, P50 {row['p50_h']:.0f} h, "
            f"P90 {row['p90_h']:.0f} h."
        )
    print(
        "A sweep follows the expected days, an ensemble their spread; border and waiting hours are estimates."
    )


if __name__ == "__main__":
    main()
