"""Quotes and judgements as files that other programs read."""
