"""What make_files.py is made of."""
