"""From the socket to the inbox: MLLP, its answers, and what is kept before them."""
