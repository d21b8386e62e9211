"""The Azure Table Storage service, as far as tests of authd need it, with faults on demand."""
