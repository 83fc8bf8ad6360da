//! A new migration changes what the queries mean: compile again.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
