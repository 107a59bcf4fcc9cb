"""On air: what is planned, when it sounds, who steers it, and what truly left the outputs."""
