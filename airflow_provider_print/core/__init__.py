"""Rules that hold for any print service: errors, money, time, retries, files and HTTP. No Airflow in here."""
