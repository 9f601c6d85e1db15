# %% [markdown]
# # What do I hand out today?
# The briefing of a date: what is open, what comes next, safe days, and what has changed since last week.

# %%
import amurgeo as ag

day, before = "2026-11-28", "2026-11-14"
net = ag.load()
briefing = ag.brief(net, day, since=before)
print(*briefing.sentences("en"), sep="\n")

# %% [markdown]
# ## The same as a table

# %%
rows = briefing.to_frame()
for row in rows.dropna(subset="last_safe_day").to_dict("records"):
    print(
        f"{row['crossing']} ({row['traffic']}) is {row['status']}; safe from "
        f"{row['first_safe_day']:%Y-%m-%d} to {row['last_safe_day']:%Y-%m-%d}."
    )

# %% [markdown]
# ## Ways on that day, and why the others are closed

# %%
for route in ag.routes(net, "Belogorsk", "Heihe", on=day, vehicle="truck_20t").records():
    print(
        f"{route['rank']}. {route['crossing']}: {route['low_h']:.0f} to {route['high_h']:.0f} h, "
        f"{route['length_km']:.0f} km, open with a chance of {route['probability_open']:.2f}."
    )
state = net.state(on=day)
services = state.crossings.assign(because=state.because("en"))
home = net.checkpoints.query("region == 'amur_oblast'").index
closed = services[services["checkpoint"].isin(home) & ~services["reason"].isin(["retired", "suspended"])]
for (crossing, traffic), row in closed[closed["status"] == "closed"].iterrows():
    print(f"{crossing} ({traffic}) is closed: {row['because']}.")

# %% [markdown]
# ## To print, in the language of the reader

# %%
for lang in ("ru", "zh"):
    briefing.write(f"briefing-{lang}.html", lang=lang)
print(f"Pages: briefing-ru.html and briefing-zh.html. Record up to {net.record_until}.")
