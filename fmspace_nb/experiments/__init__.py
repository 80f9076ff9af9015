"""Real networks, measured: trials, their statistics, departures from the model, sweeps and the tables they wrote."""
