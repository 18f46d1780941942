"""What bench/compare measures, row by row: see table.py."""
