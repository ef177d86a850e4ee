"""Many mapped letters under a real Airflow with two Celery workers, inside the limit of the service."""
