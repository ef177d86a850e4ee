"""One paid job for each letter key, under a real Airflow: `python -m proofs.chaos_airflow`.

A scheduler with the LocalExecutor, an API server, a DAG processor and a triggerer, a PostgreSQL metadata
database, and the sandbox as the service. Tasks and their supervisors are killed and frozen within the paid
step, runs are cleared, backfilled, deleted and made again; at the end the sandbox's books are held against
what each letter is to cost.
"""
