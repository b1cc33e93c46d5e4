"""The report of a round: what it holds, its charts, and how it becomes a page or a printed document."""
