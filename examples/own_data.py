# %% [markdown]
# # How do I bring in my own depot, and last week's notice?
# A folder with tables of the same names and columns overlays the shipped dataset, which is never edited.
# Here: a depot, the road to it, and the notice that an ice road opened.

# %%
from pathlib import Path

import amurgeo as ag

tables = {
    "places": (
        "id,kind,country,region,name_en,name_ru,name_zh,lat,lon,source,confidence,note",
        "my_depot,village,RU,amur_oblast,My depot,Мой склад,我的仓库,50.82,128.55,estimate,estimated,A map",
    ),
    "roads": (
        "id,from,to,class,surface,length_km,length_source,source,confidence,note",
        "belogorsk--my_depot,belogorsk,my_depot,secondary,gravel,14,estimated,estimate,estimated,Odometer",
    ),
    "season_record": (
        "id,crossing,checkpoint,mode,traffic,event,date,precision,evidence,source,confidence,note",
        "mine_1,poyarkovo:ice_road,poyarkovo,ice_road,cargo,open,2027-01-19,day,yes,estimate,estimated,Invented",
    ),
}
folder = Path("my_tables")
folder.mkdir(exist_ok=True)
for name, lines in tables.items():
    (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

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
    print(
        f"{name}: on 2027-01-20 the ice road at Poyarkovo is {row['status']} with a chance of "
        f"{row['probability_open']:.2f} ({row['basis']}); record up to {net.record_until}."
    )

# %%
overlaid = ag.load(folder)
for route in ag.routes(overlaid, "My depot", "Harbin", on="2027-01-20", k=3).records():
    print(
        f"From the depot by {route['crossing']}: {route['total_h']:.1f} h, {route['length_km']:.0f} km; "
        f"{route['estimated_share']:.0%} of the hours are estimates."
    )
