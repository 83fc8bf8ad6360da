#![allow(dead_code)]

use soft_delete::SoftDeletable;

#[derive(SoftDeletable)]
#[soft_delete(table = "contacts")]
enum Contact {
    Person,
    Company,
}

fn main() {}
