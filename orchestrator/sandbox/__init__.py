"""The simulated carrier: a real HTTP server that judges connect requests, plays calls and sends callbacks."""
