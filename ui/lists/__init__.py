"""What a server lists, for every interface: mentions, all that answers, tables of questions."""
