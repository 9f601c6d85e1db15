# %% [markdown]
# # Own data: last week's notice as one line
# A folder with a table of the same name and columns is laid over the shipped dataset.

# %%
import tempfile
from pathlib import Path

import amurgeo as ag

folder = Path(tempfile.mkdtemp())
(folder / "season_record.csv").write_text(
    "id,crossing,checkpoint,mode,traffic,event,date,precision,evidence,source,confidence\n"
    "mine_1,poyarkovo:ice_road,poyarkovo,ice_road,cargo,open,2027-01-19,day,yes,estimate,reported\n",
    encoding="utf-8",
)
for net in (ag.load(), ag.load(folder)):
    row = net.state("2027-01-20").crossings.loc[("poyarkovo:ice_road", "cargo")]
    print("record up to", net.record_until, "->", row["status"], row["basis"])
