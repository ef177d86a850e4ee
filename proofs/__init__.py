"""Proofs of the promise that one letter is paid once; each is a command, such as `python -m proofs.model`."""
