"""E-mails and saved messages."""
