"""Reports: from the store to one self-contained HTML file with pictures."""
