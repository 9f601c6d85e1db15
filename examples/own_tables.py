# %% [markdown]
# # How do I bring in my own Excel tables?
# A workbook whose sheets have the names of the tables, put into a folder, overlays the shipped dataset, which
# is never edited. Here: a depot, the road to it, the notice that an ice road opened, and a log of trips.

# %%
from pathlib import Path

import pandas as pd

import amurgeo as ag

estimate = {"source": "estimate", "confidence": "estimated"}
tables = {
    "places": [
        {
            "id": "my_depot", "kind": "village", "country": "RU", "region": "amur_oblast",
            "name_en": "My depot", "name_ru": "Мой склад", "lat": 50.82, "lon": 128.55, **estimate,
            "note": "Off a map",
        }
    ],
    "roads": [
        {
            "id": "belogorsk--my_depot", "from": "belogorsk", "to": "my_depot", "class": "secondary",
            "surface": "gravel", "length_km": 14.5, "length_source": "estimated", **estimate,
            "note": "Odometer",
        }
    ],
    "season_record": [
        {
            "id": "mine_1", "crossing": "poyarkovo:ice_road", "checkpoint": "poyarkovo", "mode": "ice_road",
            "traffic": "cargo", "event": "open", "date": "19.01.2027", "precision": "day", "evidence": "yes",
            **estimate, "note": "Invented",
        }
    ],
    "trips": [
        {
            "crossing": "kani_kurgan:bridge", "direction": "out", "vehicle": "truck_20t",
            "arrived": f"2026-01-{day:02d} 08:00", "cleared": f"2026-01-{day:02d} {hour}:30", "paid": 9100,
            "source": f"Waybill № {day}", "note": "Invented",
        }
        for day, hour in ((12, 11), (14, 12), (19, 12), (21, 13))
    ],
}  # fmt: skip
folder = Path("my_tables")
folder.mkdir(exist_ok=True)
with pd.ExcelWriter(folder / "mine.xlsx") as book:
    for name, rows in tables.items():
        pd.DataFrame(rows).to_excel(book, sheet_name=name, index=False)

# %% [markdown]
# ## Is anything wrong with the tables?

# %%
result = ag.check(folder)
print(f"{result.n_faults} faults and {result.n_warnings} warnings in {folder}.")
for fault in result.faults:
    print(f"{fault.file}, row {fault.row}, column {fault.column}: {fault.problem}")

# %% [markdown]
# ## What changes

# %%
for name, net in (("as shipped", ag.load()), ("with my tables", ag.load(folder))):
    row = net.state("2027-01-20").crossings.loc[("poyarkovo:ice_road", "cargo")]
    best = ag.routes(net, "Belogorsk", "Heihe", on="2027-01-20").records()[0]
    print(
        f"{name}: on 2027-01-20 the ice road at Poyarkovo is {row['status']} with a chance of "
        f"{row['probability_open']:.2f} ({row['basis']}); record up to {net.record_until}. "
        f"Belogorsk to Heihe by {best['crossing']} has {best['border_h']:.1f} h at the border."
    )

# %%
overlaid = ag.load(folder)
for route in ag.routes(overlaid, "Мой склад", "Harbin", on="2027-01-20", k=3).records():
    print(
        f"From the depot by {route['crossing']}: {route['total_h']:.1f} h, {route['length_km']:.0f} km; "
        f"{route['estimated_share']:.0%} of the hours are estimates."
    )
