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
        usable = found.frame[found.frame["status"] != "closed"]
        print(f"\n{scenario}, {vehicle}: {len(usable)} of {len(found.frame)} exits can be used")
        print(usable[["kind", "length_km", "hours", "cost_rub", "estimated_share"]].head(6).to_string())

# %% [markdown]
# ## In sentences

# %%
for (scenario, vehicle), found in answers.items():
    usable = found.frame[found.frame["status"] != "closed"]
    numbers = found.dependence
    share, tonnage, avoid = (
        numbers[name] for name in ("share_of_exits", "share_of_tonnage", "cost_of_avoiding")
    )
    hours, (least, most) = avoid["value"]["hours"], avoid["range"]
    nearer = "the sea is nearer by" if hours < 0 else "to reach the sea instead costs"
    rub = f"{avoid['value']['rub']:+,.0f}".replace(",", " ")
    print(
        f"{scenario}, {vehicle}: {(usable['kind'] == 'china').sum()} usable exits lead to China and "
        f"{(usable['kind'] == 'sea').sum()} to the sea. From {avoid['from']} to {avoid['to']}: {nearer} "
        f"{abs(hours):.1f} h ({least:+.1f} to {most:+.1f} h over all ports), {rub} RUB."
    )
    print(
        f"  All {len(share['own_checkpoints'])} checkpoints of the oblast itself lead to China; of all exits "
        f"within reach {share['range'][0]:.0%} do, of the recorded tonnage of Russia's exits here "
        f"{tonnage['range'][0]:.0%}."
    )

# %% [markdown]
# ## How sure

# %%
for name, number in answers["baseline", "truck_20t"].dependence.items():
    print(f"{name}: {number['definition']} Estimated: {number['estimated']}.")
print(
    "A way over the oblast's own border leads to China without exception; the way out by land is the railway "
    "and the road to the ports of Khabarovsk Krai and Primorye."
)
