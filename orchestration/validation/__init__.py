"""The official FOCUS validator as a second opinion, in an environment of its own."""
