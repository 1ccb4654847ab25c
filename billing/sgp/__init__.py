"""Client of the SGP ERP: typed errors, frozen models, reads with retries and writes sent once."""
