"""The places that help: HSDS-named models, units of Vietnam, routing, verification and exchange."""
