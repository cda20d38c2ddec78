//! All that crosses the front door: commands in, events out.
