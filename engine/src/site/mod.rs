//! What is on disk: a folder of scripts and files, and its configuration.
