# %% [markdown]
# # What may I promise my customer?
# Blagoveshchensk to Heihe by the end of April with the bridge shut: the last day to leave, and how surely.

# %%
import amurgeo as ag

net = ag.load()
draws = ag.ensemble(net, start="2027-03-20", end="2027-06-10", n=400, seed=1, scenario="no_bridge")
promise = ag.promise(draws, "Blagoveshchensk", "Heihe", by="2027-04-30")
print(*promise.sentences("en"), sep="\n")

# %% [markdown]
# ## Day by day
# Half of the journeys take at most P50, nine in ten at most P90.

# %%
days = promise.days.set_index("day")
for day in ("2027-03-25", "2027-04-05", "2027-04-15", "2027-04-25"):
    row = days.loc[day]
    print(
        f"Leaving on {day}: P50 {row['p50_h']:.0f} h, P90 {row['p90_h']:.0f} h; mostly by {row['crossing']} "
        f"({row['share']:.0%})."
    )

# %% [markdown]
# ## What each sureness costs
# A load that may only go by Blagoveshchensk, by pontoon or by ferry, to arrive by 20 May.

# %%
for sure in (0.5, 0.8, 0.9, 0.95):
    answer = ag.promise(draws, "Blagoveshchensk", "Heihe", by="2027-05-20", sure=sure, plan="blagoveshchensk")
    last = "no day" if answer.last_day is None else f"{answer.last_day:%Y-%m-%d}"
    print(f"{sure:.0%} sure: leave by {last}.")
kept = net.table("promises").query("basis == 'earlier' and sure == 0.9").iloc[0]
print(
    f"Promises of 90 % were kept in {kept['kept']:.0%} of {kept['n']:.0f} past cases. The spread is "
    "that of the season: queues and border hours are not in it."
)
