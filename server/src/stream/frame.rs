//! Format of server-sent events.

use bytes::Bytes;
use serde::Serialize;

/// Keeps the connection open: a comment, and an event without an id. A browser hands no comment to a page, so a page
/// could not tell a quiet stream from a dead one. Clients ignore events of names that they do not know.
pub(crate) const HEARTBEAT: Bytes = Bytes::from_static(b": heartbeat\nevent: heartbeat\ndata: {}\n\n");
/// The server goes away; the client should connect again.
pub(crate) const DRAINING: Bytes = Bytes::from_static(
    b"event: server.draining\ndata: {\"detail\":\"The server restarts; connect again.\"}\n\n",
);
/// The client's last event is none of this account: a snapshot follows.
pub(crate) const RESYNC: Bytes = Bytes::from_static(
    b"event: resync\ndata: {\"detail\":\"There is no such event in your account; start anew.\"}\n\n",
);

/// One event. JSON holds no line break, so its data is one line.
pub(crate) fn event<T: Serialize>(name: &str, id: Option<u64>, data: &T) -> Result<Bytes, serde_json::Error> {
    let mut text = Vec::with_capacity(512);
    if let Some(id) = id {
        text.extend_from_slice(format!("id: {id}\n").as_bytes());
    }
    text.extend_from_slice(format!("event: {name}\ndata: ").as_bytes());
    serde_json::to_writer(&mut text, data)?;
    text.extend_from_slice(b"\n\n");
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_id_name_and_data() {
        let frame = event("order.filled", Some(7), &serde_json::json!({"a": "b\nc"})).unwrap();
        assert_eq!(frame, "id: 7\nevent: order.filled\ndata: {\"a\":\"b\\nc\"}\n\n");
        assert!(
            HEARTBEAT.ends_with(b"\nevent: heartbeat\ndata: {}\n\n"),
            "a browser drops events without data"
        );
        assert!(
            !HEARTBEAT.windows(3).any(|part| part == b"id:"),
            "a heartbeat moves no client's place in the log"
        );
        assert_eq!(event("prices", None, &1).unwrap(), "event: prices\ndata: 1\n\n");
    }
}
