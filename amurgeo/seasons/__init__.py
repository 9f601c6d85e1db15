"""What is open when and why: the dated record, the ice, the calendar, and the state on a day."""
