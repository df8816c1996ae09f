//! Entry point of the program `cnop`.

use std::process::ExitCode;

fn main() -> ExitCode {
    cnop_server::run()
}
