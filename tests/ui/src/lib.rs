//! What compiles, what does not, and what is said about it: the cases are in `fail`, `pass` and
//! `schemas`, and `tests/ui.rs` runs them.
