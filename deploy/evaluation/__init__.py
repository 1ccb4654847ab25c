"""How well the trained model understands messages that it never saw: figures, report and gate."""
