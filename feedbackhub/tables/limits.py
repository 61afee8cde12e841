"""What a file that somebody hands in may hold. Beyond it nothing is read."""

from __future__ import annotations

MEGABYTE = 1024 * 1024
BYTES = 20 * MEGABYTE
ROWS = 100_000
COLUMNS = 100
CELLS = 2_000_000
CELL = 10_000
# A workbook is a zip: what comes out of it, how much more that is than went in (small ones may), and its parts.
UNPACKED = 100 * MEGABYTE
RATIO = 20
RATIO_FROM = 5 * MEGABYTE
PARTS = 1_000
# Of the process that reads a workbook: memory in all, and time on a processor.
MEMORY = 1024 * MEGABYTE
SECONDS = 60
