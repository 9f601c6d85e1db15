# %% [markdown]
# # What do the real streets of an area change?
# The shipped network connects towns. This example reads an extract of OpenStreetMap (`banks.osm`, drawn by
# hand), adds it to the dataset, and compares routes in January and in July.

# %%
from pathlib import Path

import amurgeo as ag

here = Path(__file__).parent if "__file__" in globals() else Path()
extract = here / "banks.osm"
backbone = ag.load()

# %% [markdown]
# ## From the extract to a folder
# `amurgeo osm read banks.osm -o area` does the same.

# %%
area = ag.osm.read(extract, net=backbone, retrieved="2026-11-24")
folder = area.write("area")
report = area.to_dict()
counts = report["counts"]
print(
    f"{counts['roads']} roads, {counts['junctions']} junctions, {counts['seasonal_roads']} with a season; "
    f"{len(report['attached'])} places and terminals put onto them, "
    f"{sum(row['why'] == '' for row in report['roads'])} shipped roads replaced."
)
for row in report["attached"]:
    print(f"  {row['id']} moved by {row['moved_km']:.2f} km")

# %% [markdown]
# ## January and July, towns alone against streets

# %%
joined = ag.load(folder)
for day in ("2026-01-25", "2026-07-15"):
    for name, net in (("towns", backbone), ("streets", joined)):
        result = ag.routes(net, "Blagoveshchensk", "Heihe", on=day, vehicle="truck_20t", k=2)
        summary = "; ".join(
            f"{route['crossing']} {route['total_h']:.2f} h, {route['length_km']:.1f} km"
            for route in result.records()
        )
        print(f"{day}, {name}: {summary}.")

# %% [markdown]
# ## A hamlet beyond the river, by car
# Over the ice in January, by ferry in July, not at all in November.

# %%
hamlet = "50.275,127.730"
for day in ("2026-01-25", "2026-07-15", "2026-11-15"):
    result = ag.routes(joined, "Blagoveshchensk", hamlet, on=day, vehicle="car", k=1)
    for route in result.records():
        print(f"{day}: {route['total_h']:.2f} h, {route['length_km']:.1f} km.")
    if not result.routes:
        print(f"{day}: no way.")

# %%
day = "2026-01-25"
result = ag.routes(joined, "Blagoveshchensk", "Heihe", on=day, vehicle="truck_20t", k=3)
result.map().save("osm_area.html")
print(
    "Map: osm_area.html. Lengths within the area are those of the extract; border hours and waiting stay the "
    "estimates of the dataset, so the minutes between streets say more than the hours in all."
)
