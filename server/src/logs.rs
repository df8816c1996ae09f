//! Where the log goes: JSON lines on stderr, or text when a person looks at it.

use std::io::IsTerminal as _;

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
