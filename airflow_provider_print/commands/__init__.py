"""Commands for people who look after the letters: `python -m airflow_provider_print audit|janitor|probe`."""
