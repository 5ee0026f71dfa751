"""A made-up professional network, Gantry, on loopback: the whole way in a quarter of a minute."""
