# %% [markdown]
# # What did the bridge change, month by month?
# Days of each month on which at least one crossing of the oblast carries cargo, in the world of 2010 and
# in the present one; drawn into a figure, and said in three sentences.

# %%
import matplotlib.pyplot as plt

import amurgeo as ag

net = ag.load()
own = net.tables["checkpoints"].query("region == 'amur_oblast'").index
crossings = net.tables["crossings"].query("checkpoint in @own").index


def days_with_cargo(scenario: str | None) -> list[int]:
    """Days of each month of 2026 with at least one own crossing open for cargo."""
    days = ag.calendar(net, 2026, scenario=scenario)
    mine = days[days["crossing"].isin(crossings) & (days["traffic"] == "cargo")]
    open_ = mine["status"].isin(["open", "limited"]).groupby(mine["date"]).any()
    return open_.groupby(open_.index.month).sum().tolist()


before, now = days_with_cargo("paper_2010"), days_with_cargo(None)
print("month", "2010", "now", sep="\t")
for month, (old, new) in enumerate(zip(before, now, strict=True), 1):
    print(month, old, new, sep="\t")

# %%
figure, axes = plt.subplots(figsize=(8, 3.5), layout="constrained")
months = range(1, 13)
axes.bar([month - 0.2 for month in months], before, width=0.4, label="world of 2010", color="#56B4E9")
axes.bar([month + 0.2 for month in months], now, width=0.4, label="present world", color="#000000")
axes.set(xlabel="month of 2026", ylabel="days with a way for cargo", xticks=list(months))
axes.legend(frameon=False, ncols=2, loc="lower center")
figure.savefig("what_the_bridge_changed.png", dpi=150, metadata={"Software": None})

# %%
gap = [month for month, days in zip(months, before, strict=True) if days < 10]
print(
    f"In the world of 2010 the oblast's own crossings carry cargo on {sum(before)} days of the year, "
    f"now on {sum(now)}."
)
print(
    f"The bridge closes the gaps: months {', '.join(map(str, gap))} had fewer than ten such days before it."
)
print(
    f"What is left of the stops are holidays: {365 - sum(now)} days in 2026. A day counts by the record, or "
    "where the chance of being open is at least one half; the world of 2010 stands by its typical windows."
)
