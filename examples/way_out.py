# %% [markdown]
# # Is there a way out that does not lead to China?
# The exits of Blagoveshchensk by road and by rail, in the world of 2010 and now: the nearest ones, the share
# that leads to China, and what it costs to avoid it.

# %%
import amurgeo as ag

net = ag.load()
answers = {}
for scenario in ("paper_2010", "baseline"):
    for vehicle in ("truck_20t", "train"):
        found = ag.exits(net, "Blagoveshchensk", on="2026-02-10", vehicle=vehicle, scenario=scenario)
        answers[scenario, vehicle] = found
        usable = found.frame[found.frame["status"].isin(["open", "limited"])]
        print(f"\n{scenario}, {vehicle}: {len(usable)} of {len(found.frame)} exits can be used")
        print(usable[["kind", "length_km", "hours", "cost_rub", "cost_at_least"]].head(6).to_string())

# %% [markdown]
# ## In sentences

# %%
for (scenario, vehicle), found in answers.items():
    usable = found.frame[found.frame["status"].isin(["open", "limited"])]
    measures = found.dependence
    share, hhi, cut, detour = (measures[name] for name in ("share", "hhi", "days_cut", "detour_h"))
    nearer = "the sea is nearer by" if detour["value"] < 0 else "to reach the sea instead costs"
    print(
        f"{scenario}, {vehicle}: {(usable['kind'] == 'china').sum()} usable exits lead to China and "
        f"{(usable['kind'] == 'sea').sum()} to the sea. From {detour['from']} to {detour['to']}: {nearer} "
        f"{abs(detour['value']):.1f} h ({detour['low']:+.1f} to {detour['high']:+.1f} h)."
    )
    print(
        f"  Exits of the oblast itself: {len(share['exits'])}, share over the border {share['value']}, HHI "
        f"{hhi['value']}, days without one {cut['value']} ({cut['low']} to {cut['high']})."
    )

# %% [markdown]
# ## How they are computed

# %%
for name, measure in answers["baseline", "truck_20t"].dependence.items():
    print(f"{name} [{measure['unit']}]: {measure['formula']}.")
print(f"Not included: {answers['baseline', 'truck_20t'].not_included}.")
print(
    "A way over the oblast's border leads to China without exception; the way out by land is the railway "
    "and the road to the ports of Khabarovsk Krai and Primorye."
)
