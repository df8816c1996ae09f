//! A process that is killed, paused and continued.

use std::process::{Child, Command};

/// A process; killed when dropped.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }

    /// SIGSTOP: it keeps its memory and its connections, and does nothing.
    pub(crate) fn pause(&self) {
        self.signal("STOP");
    }

    /// SIGCONT.
    pub(crate) fn resume(&self) {
        self.signal("CONT");
    }

    /// SIGTERM.
    pub(crate) fn terminate(&self) {
        self.signal("TERM");
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// Waits for the end after [`Process::terminate`]; returns true if it was in order.
    pub(crate) fn wait(&mut self) -> bool {
        self.0.wait().is_ok_and(|status| status.success())
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args([format!("-{name}"), self.0.id().to_string()]).status();
        assert!(status.is_ok_and(|status| status.success()), "no signal {name} for {}", self.0.id());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
