"""The commands behind the Makefile: training, running and checking."""
