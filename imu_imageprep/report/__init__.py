"""What a run leaves for people: the record of the last run, and reports made from it."""
