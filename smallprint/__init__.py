"""The roof: commands, settings file, demo. It knows all rooms and holds no logic of theirs."""

__version__ = "0.1.0"
