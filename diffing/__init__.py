"""Align → compare → gate → flag: two versions become edits, a decision and flags. No network, no HTML."""
