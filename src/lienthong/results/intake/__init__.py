"""The inbox: messages as received, and what they say in numbers."""
