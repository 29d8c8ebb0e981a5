"""Lists: every mention of a text, all passages that may answer, many questions at once."""
