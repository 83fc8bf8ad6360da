//! soft-delete on postgres, end to end.

fn main() {}
