"""Measurements on labelled sets: quality, speed, load, durability. Uses `rag` like any program."""
