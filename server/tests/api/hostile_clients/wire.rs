//! HTTP on a socket with a chosen source address.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// Receive buffer of a client that never reads.
const SMALL_BUFFER: u32 = 2_048;

/// A keep-alive connection.
pub(super) struct Wire {
    stream: TcpStream,
    received: Vec<u8>,
}

/// Connects from an address of this machine: Linux takes all of 127.0.0.0/8.
pub(super) async fn connect(source: Ipv4Addr, target: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind((source, 0).into())?;
    socket.connect(target).await
}

/// The same, with little room for what the server sends.
pub(super) async fn connect_deaf(source: Ipv4Addr, target: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(SMALL_BUFFER)?;
    socket.bind((source, 0).into())?;
    socket.connect(target).await
}

/// A request as text.
pub(super) fn request(line: &str, fields: &[(&str, &str)], body: &str) -> String {
    let mut text = format!("{line} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in fields {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text + "\r\n" + body
}

impl Wire {
    pub(super) async fn open(source: Ipv4Addr, target: SocketAddr) -> io::Result<Self> {
        let stream = connect(source, target).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::new() })
    }

    /// Sends a request and reads its answer: status and body.
    pub(super) async fn ask(&mut self, request: &str) -> io::Result<(u16, Vec<u8>)> {
        self.stream.write_all(request.as_bytes()).await?;
        let head_end = loop {
            if let Some(place) = self.received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break place + 4;
            }
            self.more().await?;
        };
        let head = String::from_utf8_lossy(&self.received[..head_end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or(0);
        while self.received.len() < head_end + length {
            self.more().await?;
        }
        let body = self.received[head_end..head_end + length].to_vec();
        self.received.drain(..head_end + length);
        Ok((status, body))
    }

    /// Sends JSON and reads JSON.
    pub(super) async fn call(&mut self, line: &str, token: &str, body: &Value) -> io::Result<(u16, Value)> {
        let authorization = format!("Bearer {token}");
        let mut fields = vec![("Content-Type", "application/json")];
        if !token.is_empty() {
            fields.push(("Authorization", &authorization));
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (status, body) = self.ask(&request(line, &fields, &body)).await?;
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }

    async fn more(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.received).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}
