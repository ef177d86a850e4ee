"""`python -m airflow_provider_print`: the commands."""

from __future__ import annotations

import sys

from airflow_provider_print.commands.main import main

if __name__ == "__main__":
    sys.exit(main())
