"""An SGP with invented customers that answers in the shapes, and with the oddities, of the real ERP."""
