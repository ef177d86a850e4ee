"""Every way in which a few attempts of one letter can interleave, looked at one by one.

The explorer drives the very generator that the operators run (`intelliprint.submission.submit`), never a copy
of it. Around it stands a small world: a print service without idempotency keys, Airflow's register of each
run, and a network that delivers late, twice or never. All moves of that world are tried in every order,
breadth first, so that a counterexample is as short as can be.

`python -m proofs.model` runs everything that is claimed and every naive protocol that must fall.
"""
