//! Format of server-sent events.

use bytes::Bytes;
use serde::Serialize;

/// A comment that keeps the connection open.
pub(crate) const HEARTBEAT: Bytes = Bytes::from_static(b": heartbeat\n\n");
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
        assert_eq!(event("prices", None, &1).unwrap(), "event: prices\ndata: 1\n\n");
    }
}
