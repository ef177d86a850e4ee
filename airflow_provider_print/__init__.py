"""Paper from pipelines: letters by Intelliprint and artwork in the Printful File Library, for Apache Airflow.

Importing this package imports nothing else, so that `airflow providers list` and a DAG file pay nothing for it.
"""

__version__ = "0.1.0"
