#!/no/such/interpreter
this is the source
