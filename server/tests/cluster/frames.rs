//! Server-sent events of one answer.

use std::time::Duration;

use reqwest::Response;
use serde_json::Value;

/// One event of a stream.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) id: Option<u64>,
    pub(crate) name: String,
    pub(crate) data: Value,
}

/// Reads an open stream event by event.
pub(crate) struct Frames {
    answer: Response,
    text: String,
    bytes: Vec<u8>,
    silence_max: Duration,
}

impl Frames {
    /// A stream that is given up after this much silence: its server may be paused.
    pub(crate) fn new(answer: Response, silence_max: Duration) -> Self {
        Self { answer, text: String::new(), bytes: Vec::new(), silence_max }
    }

    /// The next event; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        loop {
            while let Some((frame, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name));
                let read = field("event: ").map(|name| Frame {
                    id: field("id: ").map(|id| id.parse().unwrap()),
                    name: name.to_owned(),
                    data: field("data: ").map_or(Value::Null, |data| serde_json::from_str(data).unwrap()),
                });
                self.text = rest.to_owned();
                if read.is_some() {
                    return read;
                }
            }
            let chunk = tokio::time::timeout(self.silence_max, self.answer.chunk()).await.ok()?.ok()??;
            // A character may be in two chunks.
            self.bytes.extend_from_slice(&chunk);
            if let Ok(text) = std::str::from_utf8(&self.bytes) {
                self.text.push_str(text);
                self.bytes.clear();
            }
        }
    }
}
