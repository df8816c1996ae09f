//! The [`Coordinator`](cnop_coordination::Coordinator) in Redis, for many servers.
