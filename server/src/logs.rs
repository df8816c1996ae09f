//! Where the log goes: JSON lines on stderr, or text when a person looks at it.

use std::io::IsTerminal as _;
use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};

use tracing_subscriber::EnvFilter;

use crate::settings::LogFilter;

/// Starts logging. A second call in the same process changes nothing.
pub(crate) fn start(filter: &LogFilter) {
    let filter = EnvFilter::builder().parse_lossy(filter.as_str());
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Failing means that somebody else in the process logs already, a test for example.
    let _ = if std::io::stderr().is_terminal() {
        lines.with_target(false).try_init()
    } else {
        lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_ansi(false)
            .try_init()
    };
}

/// How many parts of the program catch panics themselves just now and say better what happened.
static EXPECTED: AtomicUsize = AtomicUsize::new(0);

/// From here on a panic is a line of the log like every other, not several lines of its own form between them.
pub(crate) fn panics_catch() {
    panic::set_hook(Box::new(|panic| {
        let text = panic.payload_as_str().unwrap_or("without a sentence");
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        if EXPECTED.load(Ordering::Relaxed) > 0 {
            tracing::debug!(location, panic = text, "an expected panic");
        } else {
            tracing::error!(location, panic = text, "the program panicked");
        }
    }));
}

/// Runs what may panic on damaged data and turns that into an error: one sentence is enough then.
pub(crate) fn panics_expected<T>(run: impl FnOnce() -> T) -> T {
    struct Expected;
    impl Drop for Expected {
        fn drop(&mut self) {
            EXPECTED.fetch_sub(1, Ordering::Relaxed);
        }
    }
    EXPECTED.fetch_add(1, Ordering::Relaxed);
    let _expected = Expected;
    run()
}
