//! The pen: the only writer of a live exchange.
