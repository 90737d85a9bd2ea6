"""One module a subject; every flow is a function (talk, heard, world) → Step. Flows do not import one another."""
