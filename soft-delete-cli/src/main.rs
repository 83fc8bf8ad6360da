//! `soft-delete`

use std::process::ExitCode;

fn main() -> ExitCode {
    soft_delete_cli::run(std::env::args_os().collect())
}
