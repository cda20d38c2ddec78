//! The exchanges that are kept, newest last, within bounds.
