"""The verifiable log: a Merkle tree of salted digests that only grows, its signed checkpoints, and their proofs.

`merkle`, `tiles`, `checkpoints`, `sealing` and `verification` are pure; `files` reads and writes what is handed out;
`storage`, `sequencer`, `entering` and `reads` know the database.
"""
