"""Control specimens that senders bring: what material they are of, and the way to quality control."""
