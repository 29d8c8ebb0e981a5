"""Lists for programs: their requests, calls and routes."""
