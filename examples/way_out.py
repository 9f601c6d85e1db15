# %% [markdown]
# # Is there a way out?
# The exits of Blagoveshchensk by road and by rail, in the world of 2010 and now, and the dependence on
# those that lead to China.

# %%
import amurgeo as ag

net = ag.load()
for scenario in ("paper_2010", None):
    for vehicle in ("truck_20t", "train"):
        found = ag.exits(net, "Blagoveshchensk", on="2026-02-10", vehicle=vehicle, scenario=scenario)
        print(scenario or "now", vehicle)
        print(found.frame[["kind", "status", "length_km", "hours", "cost_rub"]].head(8))
        for name, figure in found.dependence.items():
            print(f"  {name}: {figure['value']}, range {figure['range']}; estimated: {figure['estimated']}")
