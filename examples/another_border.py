# %% [markdown]
# # How do I describe another border?
# An invented strait between an island and the mainland of one country: a ferry in summer, an ice road in
# winter, and a long way round by a bridge. A folder of small tables is enough for every function.

# %%
from pathlib import Path

import pandas as pd

import amurgeo as ag

folder = Path("strait")
folder.mkdir(exist_ok=True)
(folder / "dataset.toml").write_text(
    """
id = "strait"
languages = ["en"]
bounds = [20, 60, 30, 70]
projection = "EPSG:3067"
currency = "EUR"
vehicle = "lorry"
destinations = ["harbour"]
min_population = 100
name = { en = "The strait" }
home = { country = "FI", regions = ["island"], name = { en = "the island" } }
far = { country = "FI", regions = ["mainland"], name = { en = "the mainland" }, id = "mainland" }
closed_reasons = { ice_road = [["ice_too_thin", "11-01..12-31"]] }
""",
    encoding="utf-8",
)
made_up = {"source": "notebook", "confidence": "estimated", "note": "Invented"}


def rows(columns: str, *lines: str, **more: str) -> pd.DataFrame:
    """Return a table from comma-separated lines; every row has the same source."""
    names = columns.split(",")
    rest = more or made_up
    return pd.DataFrame([dict(zip(names, line.split(","), strict=True)) | rest for line in lines])


tables = {
    "sources": pd.DataFrame(
        [
            {
                "id": "notebook", "title": "Invented for this example", "publisher": "nobody",
                "address": "https://example.org/notebook", "licence": "CC BY 4.0", "retrieved": "2026-11",
            }
        ]
    ),
    "regions": rows(
        "id,country,side,name_en,timezone",
        "island,FI,home,Island,Europe/Helsinki",
        "mainland,FI,far,Mainland,Europe/Helsinki",
        source="notebook",
    ),
    "places": rows(
        "id,kind,country,region,name_en,lat,lon,population",
        "village,town,FI,island,Village,65.02,24.60,900",
        "southend,town,FI,island,Southend,64.95,24.62,400",
        "harbour,town,FI,mainland,Harbour,65.00,25.10,80000",
    ),
    "checkpoints": rows(
        "id,place,counterpart,kind,region,name_en,counterpart_name_en",
        "strait,village,harbour,river,island,Strait,Strait landing",
        "sound,southend,harbour,road,island,Sound,Sound landing",
    ),
    "terminals": rows(
        "id,checkpoint,side,place,lat,lon,access_km,access_class",
        "strait_west,strait,home,village,65.02,24.68,4,secondary",
        "strait_east,strait,far,harbour,65.01,24.88,12,secondary",
        "sound_west,sound,home,southend,64.94,24.66,3,secondary",
        "sound_east,sound,far,harbour,64.94,24.90,14,secondary",
    ),
    "crossings": rows(
        "id,checkpoint,mode,from,to,length_km,travel_min,travel_confidence",
        "strait:ferry,strait,ferry,strait_west,strait_east,9,30,estimated",
        "strait:ice_road,strait,ice_road,strait_west,strait_east,9.5,15,estimated",
        "sound:bridge,sound,bridge,sound_west,sound_east,11.5,12,estimated",
    ),
    "services": rows(
        "crossing,traffic,regular,all_year,max_mass_t,admits,border_h_out,border_h_in,wait_h,times_confidence,times_source,times_note",
        "strait:ferry,cargo,yes,no,,lorry,0,0,0.5,estimated,notebook,Invented",
        "strait:ice_road,cargo,yes,no,30,lorry,0,0,0,estimated,notebook,Invented",
        "sound:bridge,cargo,yes,yes,,lorry,0,0,0,estimated,notebook,Invented",
    ),
    "windows": rows(
        "id,crossing,traffic,open_md,open_sd_days,close_md,close_sd_days,n_open,n_close",
        "ferry_season,strait:ferry,both,05-10,5,12-10,7,0,0",
        "ice_season,strait:ice_road,both,01-20,8,04-05,6,0,0",
    ),
    "season_record": rows(
        "id,crossing,checkpoint,mode,traffic,event,date,precision,evidence",
        "ice_2026,strait:ice_road,strait,ice_road,cargo,open,2026-01-24,day,yes",
    ),
    "roads": rows(
        "id,from,to,class,surface,length_km,length_source",
        "southend--village,southend,village,secondary,gravel,12,estimated",
    ),
    "vehicles": rows("id,traffic,mass_t,name_en,network", "lorry,cargo,24,Lorry,road"),
    "speeds": rows(
        "vehicle,class,surface,speed_kmh", "lorry,secondary,asphalt,60", "lorry,secondary,gravel,40"
    ),
}  # fmt: skip

for name, table in tables.items():
    table.to_csv(folder / f"{name}.csv", index=False)

# %% [markdown]
# ## Checked
# All faults are listed at once: here for a typing error, then without it.

# %%
crossings = folder / "crossings.csv"
right = crossings.read_text(encoding="utf-8")
crossings.write_text(right.replace("strait_east", "strait_est"), encoding="utf-8")
wrong = ag.check(folder)
print(f"With a typing error: {wrong.n_faults} faults. {wrong.faults[0].file}: {wrong.faults[0].problem}.")
crossings.write_text(right, encoding="utf-8")
print(f"Without it: {ag.check(folder).n_faults} faults.")
net = ag.load(dataset=folder)

# %% [markdown]
# ## The questions of the Amur, asked here

# %%
for day in ("2027-02-15", "2027-04-25", "2027-07-15"):
    for route in ag.routes(net, "Village", "Harbour", on=day).records():
        print(f"{day}: {route['crossing']}, {route['total_h']:.2f} h, {route['length_km']:.0f} km.")

# %%
result = ag.compare(net, ["baseline", "sound:bridge close"], on="2027-04-25")
print(*result.sentences("en"), sep="\n")
days = ag.calendar(net, 2027)
for crossing, count in days[days["status"] == "open"].groupby("crossing")["date"].nunique().items():
    print(f"{crossing} is open on {count} days of 2027.")
