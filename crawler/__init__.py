"""Fetch → extract → record: pages on the web become snapshots and versions in the archive."""
