//! The program: exit codes and messages.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use crate::support::PATIENCE;

fn cnop(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnop"));
    command.env_clear().current_dir(directory).arg("--data-dir").arg(directory.join("data"));
    // A server may run on the usual port while the tests do.
    command.env("CNOP_LISTEN", "127.0.0.1:0");
    command
}

fn output(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// The program's own message, without log lines.
fn sentence(stderr: &str) -> &str {
    let lines: Vec<&str> = stderr.lines().filter(|line| !line.starts_with('{')).collect();
    assert_eq!(lines.len(), 1, "{stderr}");
    lines[0]
}

/// A running server; killed when dropped.
struct Running {
    child: Child,
    address: String,
}

impl Running {
    fn start(directory: &Path) -> Self {
        Self::start_with(directory, &["--drain-grace", "0s"])
    }

    fn start_with(directory: &Path, arguments: &[&str]) -> Self {
        let mut command = cnop(directory);
        command
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap().to_owned();
        Self { child, address }
    }

    fn signal(&self) {
        let signalled = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(signalled.success());
    }

    fn terminate(mut self) -> Option<i32> {
        self.signal();
        self.child.wait().unwrap().code()
    }

    /// Sends a request and returns the connection.
    fn ask(&self, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        stream
    }

    fn get(&self, path: &str) -> String {
        let mut text = String::new();
        self.ask(path).read_to_string(&mut text).unwrap();
        text
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Compose files pass `${X:-}` on as an empty variable, which was refused or taken as a value.
#[test]
fn an_empty_variable_counts_as_left_out() {
    let directory = tempfile::tempdir().unwrap();
    let checked = |names: &[&str]| {
        let mut command = cnop(directory.path());
        command.envs(names.iter().map(|name| (name, ""))).arg("check").stdin(Stdio::null());
        output(&mut command)
    };
    let names = ["CNOP_TRUSTED_PROXIES", "CNOP_SEED", "CNOP_LOG", "CNOP_PUBLIC_URL", "CNOP_FEE_BPS"];
    assert_eq!(checked(&names), checked(&[]));
}

/// The embedded store needs no migration: an operator who forgot a setting must not read that all is well.
#[test]
fn migrate_without_dynamodb_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = output(cnop(directory.path()).arg("migrate"));
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(sentence(&stderr).contains("CNOP_STORE=dynamodb"), "{stderr}");
}

#[test]
fn bad_configuration_is_one_sentence_and_exit_code_2() {
    let directory = tempfile::tempdir().unwrap();
    for (name, value) in [
        ("CNOP_LISTEN", "nowhere"),
        ("CNOP_LISTN", "127.0.0.1:0"),
        ("CNOP_COORDINATION", "redis://localhost:6379"),
        ("CNOP_STORE", "dynamodb"),
        ("CNOP_FEE_BPS", "10001"),
        ("CNOP_FEE_BPS", "-1"),
        ("CNOP_DAILY_DEPOSIT_LIMIT", "9999999999999999999999"),
        ("CNOP_ORDER_NOTIONAL_MAX", "0"),
        ("CNOP_PUBLIC_URL", "http://localhost:99999"),
        ("CNOP_DRAIN_GRACE", "1h"),
        ("CNOP_PUBLIC_URL", "venue.example"),
        ("CNOP_SIGNING_KEY_FILE", "no-such-file.pem"),
    ] {
        let (code, stdout, stderr) = output(cnop(directory.path()).env(name, value));
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{name}: {stderr}");
        assert!(sentence(&stderr).starts_with("cnop: "), "{stderr}");
    }
}

#[test]
fn secrets_are_never_printed() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = cnop(directory.path());
    command
        .env("CNOP_COINGECKO_KEY", "hunter2-key")
        .env("CNOP_FEED", "coingecko")
        .env("CNOP_COINGECKO_URL", "nonsense");
    let (code, stdout, stderr) = output(&mut command);
    assert_ne!(code, Some(0));
    assert!(!stdout.contains("hunter2") && !stderr.contains("hunter2"), "{stderr}");
    for address in
        ["redis://ada:hunter2@127.0.0.1:1", "redis://ada:hunter2@host:port", "http://ada:hunter2@host"]
    {
        let (code, stdout, stderr) = output(cnop(directory.path()).env("CNOP_COORDINATION", address));
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
        assert!(!stderr.contains("hunter2"), "{stderr}");
        assert!(sentence(&stderr).starts_with("cnop: CNOP_COORDINATION"), "{stderr}");
    }
    let (_, help, _) = output(cnop(directory.path()).env("CNOP_COINGECKO_KEY", "hunter2-key").arg("--help"));
    assert!(help.contains("CNOP_COINGECKO_KEY") && !help.contains("hunter2"));
}

#[test]
fn an_unusable_address_or_data_directory_is_one_sentence() {
    let directory = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, _, stderr) = output(cnop(directory.path()).args(["--listen", &address]));
    assert_eq!(code, Some(1));
    assert!(sentence(&stderr).contains("another program listens there"), "{stderr}");

    std::fs::write(directory.path().join("file"), "").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnop"));
    command
        .env_clear()
        .env("CNOP_DATA_DIR", directory.path().join("file/data"))
        .env("CNOP_LISTEN", "127.0.0.1:0");
    let (code, _, stderr) = output(&mut command);
    assert_eq!(code, Some(1));
    assert!(sentence(&stderr).contains("file"), "{stderr}");

    std::fs::create_dir(directory.path().join("data")).unwrap();
    std::fs::write(directory.path().join("data/store.redb"), "this is no store").unwrap();
    let (code, _, stderr) = output(cnop(directory.path()).args(["--listen", "127.0.0.1:0"]));
    assert_eq!(code, Some(1));
    assert!(sentence(&stderr).contains("damaged or not a store"), "{stderr}");
}

#[test]
fn one_server_at_a_time_and_an_audit_after_it() {
    let directory = tempfile::tempdir().unwrap();
    let (code, _, stderr) = output(cnop(directory.path()).arg("audit"));
    assert_eq!(code, Some(1), "{stderr}");
    let running = Running::start(directory.path());
    let (code, _, stderr) = output(cnop(directory.path()).args(["health", "--listen", &running.address]));
    assert_eq!(code, Some(0), "{stderr}");
    let (code, _, stderr) = output(cnop(directory.path()).arg("audit"));
    assert_eq!(code, Some(2));
    assert!(sentence(&stderr).contains("in use"), "{stderr}");
    let address = running.address.clone();
    assert_eq!(running.terminate(), Some(0));
    assert!(TcpStream::connect(&address).is_err());
    let (code, stdout, stderr) = output(cnop(directory.path()).arg("audit"));
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("agree"));
    let (code, _, stderr) = output(cnop(directory.path()).args(["health", "--listen", &address]));
    assert_eq!(code, Some(1), "{stderr}");
    let (code, stdout, _) = output(cnop(directory.path()).args(["inspect", "VENUE", "SIMULATOR"]));
    assert_eq!(code, Some(0));
    assert!(
        serde_json::from_str::<serde_json::Value>(&stdout).unwrap()["body"]["started_us"].is_i64(),
        "{stdout}"
    );
    let (code, _, stderr) = output(cnop(directory.path()).args(["inspect", "A#none", "HEAD"]));
    assert_eq!((code, sentence(&stderr)), (Some(1), "cnop: there is no item A#none HEAD"));
}

#[test]
fn the_seed_of_a_store_stays() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(Running::start(directory.path()).terminate(), Some(0));
    let (code, _, stderr) = output(cnop(directory.path()).args(["--listen", "127.0.0.1:0", "--seed", "1"]));
    assert_eq!(code, Some(2));
    assert!(sentence(&stderr).contains("another seed"), "{stderr}");
}

/// Somebody who guesses the seed knows every later price. A venue that others reach must not be started with a seed that
/// takes a moment to find.
#[test]
fn a_seed_that_is_easily_guessed_is_refused_unless_the_venue_is_for_this_machine() {
    let directory = tempfile::tempdir().unwrap();
    let public = ["--listen", "127.0.0.1:0", "--public-url", "https://venue.example"];
    let (code, _, stderr) = output(cnop(directory.path()).args(public).args(["--seed", "20261129"]));
    assert_eq!(code, Some(2));
    assert!(sentence(&stderr).contains("openssl rand -hex 32"), "{stderr}");
    assert!(!stderr.contains("20261129"), "{stderr}");
    assert_eq!(Running::start_with(directory.path(), &["--seed", "7"]).terminate(), Some(0));
}

#[cfg(unix)]
#[test]
fn the_files_of_the_secrets_are_private_to_their_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(Running::start(directory.path()).terminate(), Some(0));
    let file = directory.path().join("data/market-secret");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (code, _, stderr) = output(cnop(directory.path()).args(["--listen", "127.0.0.1:0"]));
    assert_eq!(code, Some(2));
    assert!(sentence(&stderr).contains("chmod 600"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn the_signing_key_file_is_private_to_its_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(Running::start(directory.path()).terminate(), Some(0));
    let metadata = std::fs::metadata(directory.path().join("data/signing-key.pem")).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
}

#[test]
fn the_end_is_announced_before_the_door_closes() {
    let directory = tempfile::tempdir().unwrap();
    let mut running = Running::start_with(directory.path(), &["--drain-grace", "60s"]);
    assert!(running.get("/health/ready").starts_with("HTTP/1.1 200 "));
    let mut stream = BufReader::new(running.ask("/api/v1/stream?topics=system"));
    let mut received = String::new();
    while !received.contains("event: system") {
        assert!(stream.read_line(&mut received).unwrap() > 0, "{received}");
    }
    running.signal();
    // The stream receives its last event and ends.
    stream.read_to_string(&mut received).unwrap();
    assert!(received.contains("event: server.draining"), "{received}");
    // Within the grace period, readiness reports "no" and other requests are still served.
    assert!(running.get("/health/ready").starts_with("HTTP/1.1 503 "));
    assert!(running.get("/health/live").starts_with("HTTP/1.1 200 "));
    assert_eq!(running.child.try_wait().unwrap(), None, "the grace is over before its time");
}

#[test]
fn a_damaged_store_is_one_sentence_without_a_panic() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(Running::start(directory.path()).terminate(), Some(0));
    let path = directory.path().join("data/store.redb");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4_096..].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    let (code, _, stderr) = output(cnop(directory.path()).args(["--listen", "127.0.0.1:0"]));
    assert_eq!(code, Some(1), "{stderr}");
    assert!(sentence(&stderr).contains("damaged"), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    let (code, _, stderr) = output(cnop(directory.path()).arg("audit"));
    assert_eq!(code, Some(1), "{stderr}");
    assert!(sentence(&stderr).contains("damaged"), "{stderr}");
}

/// A new key was made in silence, and every access token of the venue was dead.
#[test]
fn a_lost_signing_key_is_not_replaced_in_silence() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(Running::start(directory.path()).terminate(), Some(0));
    let key = directory.path().join("data/signing-key.pem");
    let kept = directory.path().join("kept.pem");
    std::fs::rename(&key, &kept).unwrap();
    let (code, _, stderr) = output(cnop(directory.path()).args(["--listen", "127.0.0.1:0"]));
    assert_eq!(code, Some(1), "{stderr}");
    assert!(sentence(&stderr).contains("signing-key.pem is missing"), "{stderr}");
    assert!(!key.exists());
    let kept = kept.to_str().unwrap();
    assert_eq!(Running::start_with(directory.path(), &["--signing-key-file", kept]).terminate(), Some(0));
}

#[test]
fn several_signing_keys_are_all_in_the_key_set() {
    let directory = tempfile::tempdir().unwrap();
    let files: Vec<String> = (1..=2_u8)
        .map(|seed| {
            let path = directory.path().join(format!("{seed}.pem"));
            cnop_services::auth::SigningKey::from_bytes(&[seed; 32]).to_file(&path).unwrap();
            path.to_str().unwrap().to_owned()
        })
        .collect();
    let running = Running::start_with(directory.path(), &["--signing-key-file", &files.join(",")]);
    let answer = running.get("/.well-known/jwks.json");
    let ids = [1, 2].map(|seed| cnop_services::auth::SigningKey::from_bytes(&[seed; 32]).id().to_owned());
    let places = ids.map(|id| answer.find(&id).expect("each key"));
    assert!(places[0] < places[1], "the one that signs comes first");
}

#[test]
fn a_store_that_was_emptied_is_not_begun_anew() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(Running::start(directory.path()).terminate(), Some(0));
    std::fs::write(directory.path().join("data/store.redb"), []).unwrap();
    let (code, _, stderr) = output(cnop(directory.path()).args(["--listen", "127.0.0.1:0"]));
    assert_eq!(code, Some(1), "{stderr}");
    assert!(sentence(&stderr).contains("is empty"), "{stderr}");
    // Without its file the venue began anew in silence, and every account was gone.
    std::fs::remove_file(directory.path().join("data/store.redb")).unwrap();
    let (code, _, stderr) = output(cnop(directory.path()).args(["--listen", "127.0.0.1:0"]));
    assert_eq!(code, Some(1), "{stderr}");
    assert!(sentence(&stderr).contains("is missing"), "{stderr}");
    assert!(sentence(&stderr).contains("signing-key.pem to begin anew"), "{stderr}");
    assert!(!directory.path().join("data/store.redb").exists());
    std::fs::remove_file(directory.path().join("data/signing-key.pem")).unwrap();
    assert_eq!(Running::start(directory.path()).terminate(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_output_device_is_no_panic() {
    let directory = tempfile::tempdir().unwrap();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let help = cnop(directory.path()).arg("--help").stdout(full.try_clone().unwrap()).output().unwrap();
    assert!(help.status.success() && help.stderr.is_empty(), "{}", String::from_utf8_lossy(&help.stderr));
    let refused = cnop(directory.path()).args(["--fee-bps", "x"]).stderr(full).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn an_order_is_checked_without_a_venue() {
    let directory = tempfile::tempdir().unwrap();
    let check = |order: &str, arguments: &[&str]| {
        let mut command = cnop(directory.path());
        command
            .arg("check")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(order.as_bytes()).unwrap();
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
    };
    let limit = r#"{"order_type":"limit_buy","asset_id":"BTC","quantity":"0.01","price":"60000"}"#;
    let (code, shown, _) = check(limit, &["--last", "62000"]);
    let preview: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((code, &preview["resting_quantity"]), (Some(0), &"0.01".into()), "{shown}");
    let (code, shown, stderr) = check(limit, &["--last", "62000", "--cash", "1"]);
    assert_eq!(code, Some(1));
    assert!(shown.contains("balance.insufficient_funds") && stderr.contains("600.60"), "{stderr}");
    let off = r#"{"order_type":"limit_buy","asset_id":"BTC","quantity":"0.01","price":"60000.00001"}"#;
    let (_, shown, _) = check(off, &["--last", "62000"]);
    assert!(shown.contains("order.tick_size") && shown.contains("nearest"), "{shown}");
    assert_eq!(check("{", &[]).0, Some(2));
}
