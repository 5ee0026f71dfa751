"""Write → queue → deliver: a pushed change becomes messages that reach people once."""
