//! The limit of open files: raised to what the connections need, as far as the operating system allows.

/// Files besides connections: the store, the log, listeners, the runtime, and answers to the health check.
const OTHER_FILES: u64 = 256;
/// Fewest connections, however few files there are.
const CONNECTIONS_MIN: u32 = 64;

/// Raises the soft limit, and says in the log what it is.
///
/// Returns the number of connections that fit, at most `connections_max`. With more, accepting would fail, and with it
/// the health check.
pub(crate) fn raise(connections_max: u32) -> u32 {
    let wanted = u64::from(connections_max).saturating_add(OTHER_FILES);
    let files = match rlimit::increase_nofile_limit(wanted) {
        Ok(files) => files,
        Err(error) => {
            tracing::warn!(error = %error, "the limit of open files cannot be read or raised");
            return connections_max;
        }
    };
    let fitting = fitting(files, connections_max);
    if fitting < connections_max {
        tracing::warn!(
            open_files = files,
            wanted,
            connections_max = fitting,
            "the operating system allows too few open files for all connections; raise the hard limit (`ulimit -Hn`, \
             LimitNOFILE)"
        );
    } else {
        tracing::info!(open_files = files, connections_max = fitting, "open files");
    }
    fitting
}

/// The connections that fit into a limit of open files.
fn fitting(files: u64, connections_max: u32) -> u32 {
    let free = u32::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(u32::MAX);
    free.clamp(CONNECTIONS_MIN, connections_max.max(CONNECTIONS_MIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At 1,024 files, the usual soft limit, a thousand idle connections stopped the server from accepting any.
    #[test]
    fn connections_leave_files_for_the_rest() {
        assert_eq!(fitting(1_024, 20_000), 768);
        assert_eq!(fitting(20_256, 20_000), 20_000);
        assert_eq!(fitting(1_000_000, 20_000), 20_000);
        assert_eq!(fitting(16, 20_000), CONNECTIONS_MIN);
    }

    #[test]
    fn the_limit_is_raised_as_far_as_it_may_be() {
        let (_, hard) = rlimit::Resource::NOFILE.get().unwrap();
        let fitting = raise(700);
        let (soft, _) = rlimit::Resource::NOFILE.get().unwrap();
        assert!(soft >= hard.min(700 + OTHER_FILES) && fitting <= 700, "{soft} of {hard}: {fitting}");
    }
}
