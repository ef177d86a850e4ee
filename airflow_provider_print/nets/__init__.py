"""What looks again after the paid step: the audit, the janitor, and the probe of what no document states.

Rules over a client, without Airflow: operators and commands give them a connection and a voice.
"""
