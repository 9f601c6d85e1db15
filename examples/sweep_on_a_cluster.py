"""Which of many futures hurts? A sweep of warmings, with the bridge and without it, on a cluster.

Every scenario is solved on every day; only statistics of each pair are kept, so ten thousand days need no
more memory than ten. The days are solved in this process, on the processors of this computer, or on a Dask
cluster, with bit-identical results.

``python sweep_on_a_cluster.py`` starts two workers on this computer and stops them at the end: with
``dask.distributed`` if the extra ``distributed`` is installed, else with ``concurrent.futures``. ``python
sweep_on_a_cluster.py tcp://HOST:8786`` uses a running cluster whose workers have the same version of
amurgeo.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

import pandas as pd

import amurgeo as ag


@contextmanager
def workers(address: str | None) -> Iterator[Executor]:
    """Yield an executor, and stop its workers at the end."""
    try:
        from dask.distributed import Client, LocalCluster
    except ImportError:
        print("Two processes of concurrent.futures; pip install dask[distributed] for a cluster.")
        with ProcessPoolExecutor(max_workers=2) as pool:
            yield pool
        return
    if address is not None:
        print(f"The cluster at {address}.")
        with Client(address) as client, client.get_executor() as pool:
            yield pool
        return
    print("A Dask cluster of two workers on this computer.")
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, memory_limit=0
        ) as cluster,
        Client(cluster) as client,
        client.get_executor() as pool,
    ):
        yield pool


def main() -> None:
    """Sweep, compare the result with that of this process alone, and print the hours."""
    net = ag.load()
    days = [str(day.date()) for day in pd.date_range("2026-11-01", "2027-04-30")]
    asked = [(bridge, warming) for bridge in ("baseline", "no_bridge") for warming in (0, 2, 4)]
    scenarios = [f"{bridge}+winter warming_c {warming}" for bridge, warming in asked]
    pairs = {"origins": ["Blagoveshchensk", "Belogorsk"], "destinations": ["Heihe", "Harbin"]}
    with workers(sys.argv[1] if len(sys.argv) > 1 else None) as executor:
        found = ag.sweep(net, scenarios, days, executor=executor, progress=True, **pairs)
    alone = ag.sweep(net, scenarios[:1], days, **pairs)
    same = found.head(len(alone)).equals(alone)
    print(f"{len(scenarios)} scenarios over {len(days)} days; the same as in this process: {same}.")
    print(found.drop(columns="days").round(2).to_string(index=False))

    heihe = found[(found["origin"] == "belogorsk") & (found["destination"] == "heihe")]
    for (bridge, warming), row in zip(asked, heihe.to_dict("records"), strict=True):
        print(
            f"{bridge}, {warming:+d} °C: Belogorsk - Heihe takes {row['mean_h']:.1f} h on average, at most "
            f"{row['max_h']:.1f} h; there is a way on {row['days_reachable']} of {row['days']} days, on "
            f"{row['main_share']:.0%} of those by {row['main_crossing']}."
        )
    print("The days follow the record and its typical windows; border and waiting hours are estimates.")


if __name__ == "__main__":
    main()
