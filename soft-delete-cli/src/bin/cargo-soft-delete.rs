//! `cargo soft-delete …`: cargo passes the name of the subcommand as the first argument.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args: Vec<_> = std::env::args_os().collect();
    if args.get(1).is_some_and(|arg| arg == "soft-delete") {
        args.remove(1);
    }
    soft_delete_cli::run(args)
}
