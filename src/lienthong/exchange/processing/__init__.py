"""From the inbox to stored results: a claimed batch is read, coded, marked and stored."""
