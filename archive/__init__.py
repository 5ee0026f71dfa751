"""The ground: the words of the domain, the schema, and every read and write of the archive."""
