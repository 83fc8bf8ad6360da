#![allow(dead_code)]

use soft_delete::SoftDeletable;

#[derive(SoftDeletable)]
struct Contact(i64, Option<String>);

fn main() {}
