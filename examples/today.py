# %% [markdown]
# # What is open today, why, and until when?
# Change the day to ask again. Observed statuses are certain; expected ones have a probability.

# %%
import amurgeo as ag

day = "2026-02-10"
net = ag.load()
state = net.state(on=day)
home = net.checkpoints.query("region == 'amur_oblast'").index
services = state.crossings.assign(because=state.because("en"))
services = services[services["checkpoint"].isin(home) & ~services["reason"].isin(["retired", "suspended"])]
shown = services[["status", "reason", "probability_open", "basis", "confidence"]]
print(shown.round({"probability_open": 4}).to_string())

# %% [markdown]
# ## In sentences

# %%
for (crossing, traffic), row in services[services["status"].isin(["open", "limited"])].iterrows():
    limit = f", up to {row['max_mass_t']:.0f} t" if row["max_mass_t"] > 0 else ""
    print(f"{crossing} takes {traffic}{limit}: {row['because']} ({row['basis']}, {row['confidence']}).")
print(f"{(services['status'] == 'closed').sum()} of {len(services)} services are closed on {day}.")

# %% [markdown]
# ## Until when
# The last safe day is the last one on which the chance of finding the crossing closed is at most 1 in 10.

# %%
ahead = ag.next_changes(net, day, risk=0.1)
closing = ahead[ahead["change"] == "closes"].dropna(subset=["p90", "last_safe_day"])
for (crossing, traffic), row in closing.iterrows():
    if crossing.partition(":")[0] in home:
        print(
            f"{crossing} ({traffic}) closes about {row['p50']:%Y-%m-%d}, in eight winters of ten between "
            f"{row['p10']:%Y-%m-%d} and {row['p90']:%Y-%m-%d}; the last safe day is "
            f"{row['last_safe_day']:%Y-%m-%d}."
        )

# %% [markdown]
# ## The best way by each open crossing

# %%
for route in ag.routes(net, "Belogorsk", "Heihe", on=day, vehicle="truck_20t").records():
    print(
        f"{route['rank']}. {route['crossing']}: {route['total_h']:.1f} h, {route['length_km']:.0f} km; "
        f"{route['estimated_share']:.0%} of the hours are estimates."
    )
print(f"Record up to {net.record_until}.")
