from .page import decision_sheet as decision_sheet
from .page import write as write
