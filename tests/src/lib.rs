//! The harness of the scenarios.
