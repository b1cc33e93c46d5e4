"""The pages of the systems that connect: who they are, what they may do, with which keys they sign."""
