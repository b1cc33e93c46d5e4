"""What senders' codes and units mean: mappings, suggestions, and what can't be the same quantity."""
