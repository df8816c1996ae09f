//! A time limit for writes that make no progress.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// A connection that fails once its client has taken nothing for a while. Without it, a client that never reads keeps
/// its connection forever: the kernel goes on asking it for room.
#[derive(Debug)]
pub struct WriteDeadline<S> {
    stream: S,
    time_max: Duration,
    /// Runs while a write waits.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> WriteDeadline<S> {
    /// A connection whose writes may go without progress for so long.
    pub const fn new(stream: S, time_max: Duration) -> Self {
        Self { stream, time_max, stalled: None }
    }

    /// The outcome of a write, or a failure when none has progressed in time.
    fn bounded<T>(&mut self, context: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.stalled = None;
            return polled;
        }
        let time_max = self.time_max;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(time_max)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for WriteDeadline<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WriteDeadline<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.bounded(context, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        self.bounded(context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(context);
        self.bounded(context, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_shutdown(context);
        self.bounded(context, polled)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Arc;

    use futures::task::AtomicWaker;

    use super::*;

    const TIME_MAX: Duration = Duration::from_secs(30);

    /// A client that takes a byte each time it is told to.
    #[derive(Debug, Default)]
    struct Reader {
        takes: std::sync::atomic::AtomicUsize,
        waker: AtomicWaker,
    }

    impl Reader {
        fn take(&self) {
            self.takes.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            self.waker.wake();
        }
    }

    struct ToReader(Arc<Reader>);

    impl AsyncWrite for ToReader {
        fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
            self.0.waker.register(context.waker());
            let takes = &self.0.takes;
            if takes.load(std::sync::atomic::Ordering::SeqCst) == 0 {
                return Poll::Pending;
            }
            takes.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
            Poll::Ready(Ok(1))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    async fn write(stream: &mut WriteDeadline<ToReader>) -> io::Result<usize> {
        poll_fn(|context| Pin::new(&mut *stream).poll_write(context, b"x")).await
    }

    /// An answer that was never read held its connection for as long as the client liked.
    #[tokio::test(start_paused = true)]
    async fn a_client_that_never_reads_is_let_go() {
        let mut stream = WriteDeadline::new(ToReader(Arc::default()), TIME_MAX);
        let started = tokio::time::Instant::now();
        assert_eq!(write(&mut stream).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(started.elapsed().as_secs(), TIME_MAX.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_slowly_stays() {
        let reader = Arc::new(Reader::default());
        let mut stream = WriteDeadline::new(ToReader(Arc::clone(&reader)), TIME_MAX);
        let writing = tokio::spawn(async move {
            for _ in 0..8 {
                write(&mut stream).await.unwrap();
            }
            write(&mut stream).await
        });
        for _ in 0..8 {
            tokio::time::sleep(TIME_MAX - Duration::from_secs(1)).await;
            reader.take();
        }
        assert!(writing.await.unwrap().is_err(), "and then it stops reading");
    }

    /// A quiet stream waits for nothing: no time runs while nothing is to be written.
    #[tokio::test(start_paused = true)]
    async fn silence_is_no_stall() {
        let reader = Arc::new(Reader::default());
        let mut stream = WriteDeadline::new(ToReader(Arc::clone(&reader)), TIME_MAX);
        for _ in 0..3 {
            reader.take();
            write(&mut stream).await.unwrap();
            tokio::time::sleep(TIME_MAX * 10).await;
        }
    }
}
