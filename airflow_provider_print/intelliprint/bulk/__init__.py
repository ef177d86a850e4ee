"""One letter for each of many rows, as few print jobs: rows, chunks, proofs, and the order of paying."""
