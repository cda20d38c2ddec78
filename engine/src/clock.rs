//! The one place that reads the wall clock.
