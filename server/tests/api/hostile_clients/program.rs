//! The program, in a process of its own, with its usual quotas.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

/// A running server; killed when dropped.
pub(super) struct Program {
    child: Child,
    pub(super) address: SocketAddr,
    _directory: tempfile::TempDir,
}

impl Program {
    /// Starts the given program, else the one that was built for this test.
    pub(super) fn start(program: Option<&OsStr>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new(program.unwrap_or(OsStr::new(env!("CARGO_BIN_EXE_cnop"))));
        command.env_clear().current_dir(directory.path()).args(["--data-dir", "data", "--log", "error"]);
        command.args(["--listen", "127.0.0.1:0", "--daily-deposit-limit", "1000000"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").expect("it starts").parse().unwrap();
        Self { child, address, _directory: directory }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
