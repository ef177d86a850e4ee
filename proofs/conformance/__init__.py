"""What the sandbox claims, each claim with the tests that show it, and public clients that must work with it.

`python -m proofs.conformance` (or `make conformance`) runs the tests of the sandbox and notes which of them
passed for which row of the catalogue, writes that list for `GET /_sandbox/coverage` and as a page of the
documentation, and drives public clients from npm, unmodified and pinned. Those from PyPI are among the tests.
"""
