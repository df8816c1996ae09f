//! DynamoDB Local, redis-server and the servers.

use std::ffi::OsStr;
use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::process::Process;

/// Longest time that a part takes to start, on a busy machine.
const START_MAX: Duration = Duration::from_secs(60);
/// Interval between two looks.
const PAUSE: Duration = Duration::from_millis(50);
/// Lines of a server's log that a failed test shows.
const LOG_LINES: usize = 30;
/// A network that the servers believe about the client's address, so that each trader has quotas of their own.
const PROXIES: &str = "127.0.0.0/8";

/// Everything of a venue, on this machine.
pub(crate) struct Parts {
    pub(crate) dynamodb: Process,
    redis: Mutex<Process>,
    redis_port: u16,
    pub(crate) members: Vec<Member>,
    directory: tempfile::TempDir,
    arguments: Vec<String>,
}

/// One server. Its address stays when it is started again.
pub(crate) struct Member {
    pub(crate) address: String,
    port: u16,
    log: PathBuf,
    process: Mutex<Option<Process>>,
}

/// Says why the tests are skipped, if they are.
pub(crate) fn is_skipped() -> bool {
    let is_required = ["CI", "CNOP_REQUIRE_DYNAMODB"].iter().any(|name| std::env::var_os(name).is_some());
    let has_dynamodb = std::env::var_os("CNOP_TEST_DYNAMODB").is_some();
    let has_redis = Command::new("redis-server").arg("--version").stdout(Stdio::null()).status().is_ok();
    if has_dynamodb && has_redis {
        return false;
    }
    assert!(!is_required, "DynamoDB Local and redis-server are needed, and this run requires them");
    eprintln!("skipped: run this test with `make chaos`, which has DynamoDB Local, and install redis-server");
    true
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn wait_for_port(port: u16, what: &str) {
    let started = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(started.elapsed() < START_MAX, "{what} does not start");
        std::thread::sleep(PAUSE);
    }
}

fn redis_start(port: u16, directory: &Path) -> Process {
    let mut command = Command::new("redis-server");
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
    command.current_dir(directory).stdout(Stdio::null()).stderr(Stdio::null());
    let process = Process::start(&mut command);
    wait_for_port(port, "redis-server");
    process
}

impl Parts {
    /// Starts the parts and this many servers, with more arguments for each.
    pub(crate) async fn start(members: usize, more: &[&str]) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let directory = tempfile::tempdir().unwrap();
        let (dynamodb_port, redis_port) = (free_port(), free_port());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/dynamodb-local.sh");
        let mut command = Command::new(script);
        command.args(["start", &dynamodb_port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let dynamodb = Process::start(&mut command);
        let redis = Mutex::new(redis_start(redis_port, directory.path()));
        wait_for_port(dynamodb_port, "DynamoDB Local");
        let key = directory.path().join("key.pem");
        cnop_services::auth::SigningKey::from_bytes(&[7; 32]).to_file(&key).unwrap();
        let endpoint = format!("http://127.0.0.1:{dynamodb_port}");
        let coordination = format!("redis://127.0.0.1:{redis_port}");
        let arguments: [&[&str]; 5] = [
            &["--store", "dynamodb", "--dynamodb-table", "cluster", "--dynamodb-endpoint", &endpoint],
            &["--coordination", &coordination, "--signing-key-file", key.to_str().unwrap()],
            &["--seed", "a market for the tests of many servers", "--log", "warn"],
            &["--trusted-proxies", PROXIES, "--daily-deposit-limit", "1000000"],
            more,
        ];
        let arguments = arguments.concat().into_iter().map(ToOwned::to_owned).collect();
        let members = (0..members).map(|number| Member::new(number, directory.path())).collect();
        let parts = Self { dynamodb, redis, redis_port, members, directory, arguments };
        for member in &parts.members {
            // One after the other: the first one creates the table.
            parts.member_start(member);
            parts.ready(member).await;
        }
        parts
    }

    /// The command of the program, with the settings that all servers share.
    fn command(&self) -> Command {
        let given = std::env::var_os("CNOP_CHAOS_PROGRAM");
        let program = given.as_deref().unwrap_or(OsStr::new(env!("CARGO_BIN_EXE_cnop")));
        let mut command = Command::new(program);
        command.env_clear().current_dir(self.directory.path()).args(&self.arguments);
        command
    }

    /// Starts a server. It may take a while until it is ready.
    pub(crate) fn member_start(&self, member: &Member) {
        let log = File::options().create(true).append(true).open(&member.log).unwrap();
        let mut command = self.command();
        command.args(["--listen", &format!("127.0.0.1:{}", member.port)]);
        command.args(["--data-dir", &format!("data-{}", member.port)]);
        command.stdout(Stdio::null()).stderr(log);
        *member.process() = Some(Process::start(&mut command));
    }

    /// Waits until a server is ready.
    pub(crate) async fn ready(&self, member: &Member) {
        let started = Instant::now();
        let client = reqwest::Client::builder().timeout(Duration::from_secs(2)).build().unwrap();
        loop {
            let last = match client.get(format!("{}/health/ready", member.address)).send().await {
                Ok(answer) if answer.status().is_success() => return,
                Ok(answer) => answer.text().await.unwrap_or_default(),
                Err(error) => format!("{error:?}"),
            };
            assert!(started.elapsed() < START_MAX, "{} does not get ready: {last}", member.address);
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Waits until every server is ready.
    pub(crate) async fn all_ready(&self) {
        for member in &self.members {
            self.ready(member).await;
        }
    }

    pub(crate) fn redis_stop(&self) {
        self.redis.lock().unwrap().kill();
    }

    /// Starts Redis again, without what it knew.
    pub(crate) fn redis_restart(&self) {
        *self.redis.lock().unwrap() = redis_start(self.redis_port, self.directory.path());
    }

    pub(crate) fn redis_pause(&self, is_paused: bool) {
        let redis = self.redis.lock().unwrap();
        if is_paused { redis.pause() } else { redis.resume() }
    }

    /// `cnop audit` on the table.
    pub(crate) fn audit(&self) {
        let audit = self.command().arg("audit").output().unwrap();
        let (shown, errors) =
            (String::from_utf8_lossy(&audit.stdout), String::from_utf8_lossy(&audit.stderr));
        assert!(audit.status.success(), "{shown}\n{errors}");
        eprintln!("{}", shown.trim());
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        for member in &self.members {
            let log = std::fs::read_to_string(&member.log).unwrap_or_default();
            let lines: Vec<_> = log.lines().collect();
            let last = &lines[lines.len().saturating_sub(LOG_LINES)..];
            eprintln!("log of {}:\n{}", member.address, last.join("\n"));
        }
    }
}

impl Member {
    fn new(number: usize, directory: &Path) -> Self {
        let port = free_port();
        let log = directory.join(format!("server-{number}.log"));
        Self { address: format!("http://127.0.0.1:{port}"), port, log, process: Mutex::default() }
    }

    fn process(&self) -> MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap()
    }

    pub(crate) fn kill(&self) {
        *self.process() = None;
    }

    pub(crate) fn pause(&self, is_paused: bool) {
        if let Some(process) = &*self.process() {
            if is_paused { process.pause() } else { process.resume() }
        }
    }

    /// Ends the server in order.
    pub(crate) async fn end(&self) {
        let process = self.process().take();
        let Some(mut process) = process else { return };
        process.terminate();
        let is_in_order = tokio::task::spawn_blocking(move || process.wait()).await.unwrap();
        assert!(is_in_order, "{} did not end in order", self.address);
    }
}

/// The text of a member that must be there.
pub(crate) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("`{name}` in {value}")).to_owned()
}
