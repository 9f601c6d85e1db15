# %% [markdown]
# # What does it cost us when the river closes?
# Rivers frozen against rivers open: today, without the bridge, and in the world of 2010 while ice forms.
# Hours first, then the room that is left for trucks.

# %%
import amurgeo as ag

net = ag.load()
questions = (
    ("frozen", "open"),
    ("frozen+no_bridge", "open+no_bridge"),
    ("paper_2010+open", "paper_2010+freeze_up"),
)
results = {}
for base, alternative in questions:
    results[alternative] = result = ag.compare(net, [base, alternative], vehicle="truck_20t")
    row = result.summary.loc[alternative]
    print(f"\n{base} -> {alternative}: {result.headline()}")
    print(
        f"Of {row['pairs']:.0f} pairs of towns {row['lost']:.0f} lose every way, {row['slower']:.0f} get "
        "slower and "
        f"{row['fewer_ways']:.0f} have fewer ways; the mean change is {row['mean_delta_h']:+.1f} h."
    )

# %% [markdown]
# ## Is there room?
# Trucks a day that the home crossings can clear, with and without the largest one; then month by month.

# %%
print(ag.flows.room_sentence(net.state(scenario="frozen"), net.state(scenario="open")))
for scenario in ("baseline", "no_bridge"):
    room = ag.capacity(net, 2026, scenario=scenario).groupby("month")["trucks_per_day"].sum()
    without = room[room < 1].index
    print(
        f"{scenario}: {room.min():.0f} to {room.max():.0f} trucks a day; "
        f"months without room: {', '.join(map(str, without)) or 'none'}."
    )

# %% [markdown]
# ## What opens and what closes, on the crossings of the oblast

# %%
changed = results["open"].changed("open")
home = net.checkpoints.query("region == 'amur_oblast'").index
print(changed[changed["checkpoint"].isin(home)][["base_status", "alt_status"]].to_string())

# %% [markdown]
# ## For a meeting: Russian, Chinese, and a page that computes

# %%
for lang in ("ru", "zh"):
    print(*results["open"].sentences(lang), sep="\n")
results["open"].map(lang="ru").save("frozen-vs-open.html")
print("Page: frozen-vs-open.html. Border hours, capacity and demand are estimates.")
