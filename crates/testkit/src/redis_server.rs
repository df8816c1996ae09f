//! A real Redis for tests.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longest time until it accepts connections.
const START_TIME_MAX: Duration = Duration::from_secs(20);
/// Starts with another port, when another process took the free one first.
const STARTS_MAX: usize = 5;

/// A `redis-server` in memory on a free port. It ends with this value.
#[derive(Debug)]
pub struct RedisServer {
    process: Option<Child>,
    port: u16,
    options: Vec<String>,
}

impl RedisServer {
    /// Starts a server without a password.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts a server with further options, such as `["--requirepass", "secret"]`.
    ///
    /// # Panics
    /// Redis is not installed, or does not start.
    #[must_use]
    pub fn start_with(options: &[&str]) -> Self {
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        for _ in 0..STARTS_MAX {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
            let port = free.local_addr().expect("an address").port();
            drop(free);
            if let Some(process) = launch(port, &options) {
                return Self { process: Some(process), port, options };
            }
        }
        panic!("redis-server does not start");
    }

    /// The address, as the setting takes it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Ends it with SIGKILL. Its data are lost.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("a running process");
            process.wait().expect("an end");
        }
    }

    /// Starts it again on the same port, empty.
    pub fn restart(&mut self) {
        self.kill();
        self.process = Some(launch(self.port, &self.options).expect("the port is still free"));
    }

    /// Stops its process (SIGSTOP): it accepts connections and answers nothing.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets its process go on (SIGCONT).
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let process = self.process.as_ref().expect("a running process");
        let status = Command::new("kill").args(["-s", name, &process.id().to_string()]).status();
        assert!(status.expect("the command kill").success(), "kill -s {name}");
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Starts it and waits until it accepts connections. `None` when it ends at once, as with a port that is taken.
fn launch(port: u16, options: &[String]) -> Option<Child> {
    let mut command = Command::new("redis-server");
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
    command.args(options).current_dir(if Path::new("/tmp").is_dir() { "/tmp" } else { "." });
    let started = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut process = started.unwrap_or_else(|error| {
        panic!("redis-server does not start ({error}): run scripts/setup.sh test, or on Debian apt-get install redis-server")
    });
    let begin = Instant::now();
    while begin.elapsed() < START_TIME_MAX {
        if process.try_wait().expect("a process").is_some() {
            return None;
        }
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Some(process);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = process.kill();
    let _ = process.wait();
    panic!("redis-server accepts no connection after {START_TIME_MAX:?}");
}
