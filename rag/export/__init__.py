"""Exporting quotes and judgements to the formats of other programs."""
