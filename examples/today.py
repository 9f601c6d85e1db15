# %% [markdown]
# # What is open on a day, and why
# Change the day; everything else follows.

# %%
import amurgeo as ag

net = ag.load()
state = net.state(on="2026-02-10")
own = state.crossings[state.crossings["checkpoint"].isin(["kani_kurgan", "blagoveshchensk", "poyarkovo"])]
print(own[["status", "reason", "probability_open", "basis"]].assign(because=state.because("en")))

# %% The best way by each open crossing
for route in ag.routes(net, "Belogorsk", "Heihe", on="2026-02-10", vehicle="truck_20t").records():
    print(f"{route['rank']}. {route['crossing']}: {route['total_h']:.1f} h, {route['length_km']:.0f} km")
