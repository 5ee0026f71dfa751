"""The commands, one module for each group of them: they parse, delegate and print."""
