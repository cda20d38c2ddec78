//! What happened in one request, as facts: no verdicts.
