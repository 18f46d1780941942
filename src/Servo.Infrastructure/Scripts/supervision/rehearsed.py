"""The script of a rehearsal (rehearsal.py)."""
print()
