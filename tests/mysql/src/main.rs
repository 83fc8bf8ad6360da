//! soft-delete on mysql, end to end.

fn main() {}
