"""Airflow connections that become clients."""
