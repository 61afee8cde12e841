"""Tables as people keep them in files: CSV and XLSX, read within limits and written so that no cell is a formula."""
