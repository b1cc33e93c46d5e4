"""What goes out: to whom (outlets), what of each change (dispatches), by which channel, in order and at least once."""
