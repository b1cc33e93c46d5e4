"""People and their roles: whom administrators find in their places, and the pages that end a role or an account."""
