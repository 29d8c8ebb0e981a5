"""Conversations: follow-up questions, and suggestions of what to ask."""
