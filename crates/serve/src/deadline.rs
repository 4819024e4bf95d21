//! Deadlines of a connection, after which the server closes the connection: for the head of a request, for the next request, and for sending a
//! response.
//!
//! Rejected: hyper's `header_read_timeout`, which begins at the end of the previous response, and so would also limit the time between requests.
//! Neither hyper nor tower-http detects a client that does not read a response.

use bytes::{Buf, Bytes};
use hyper::body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::Notify;

/// Times after which the server closes a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionTimeouts {
    /// Longest time for receiving the head of a request. Begins at the start of the connection, or with the first byte of a later request.
    pub(crate) header: Duration,
    /// Longest time between a response and the next request.
    pub(crate) idle: Duration,
    /// Longest time for sending a response. The transfer time of the body at [`ConnectionTimeouts::MIN_BYTES_PER_SECOND`] is added.
    pub(crate) response: Duration,
}

/// Deadline of one connection, which depends on the state of the connection.
pub(crate) struct ConnectionDeadline {
    timeouts: ConnectionTimeouts,
    state: Mutex<State>,
    closed: Notify,
}

/// Phase of a connection in which the server waits for its client, with the start of the phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionPhase {
    /// The client has not sent the complete head of a request.
    AwaitsRequest(Instant),
    /// The client has not received the complete response.
    Sends(Instant),
}

struct State {
    /// Time at which the connection is closed; `None` while the server renders a response.
    deadline: Option<Instant>,
    /// Whether the next byte from the client begins a request.
    is_idle: bool,
    /// Number of responses that are not in the send buffer yet. The number exceeds one if the client pipelines requests.
    unsent_responses: usize,
    /// Start of the current phase.
    since: Instant,
    /// Whether the connection is being closed to make room for another.
    is_closed: bool,
}

impl State {
    fn phase(&self) -> Option<ConnectionPhase> {
        match self.deadline {
            Some(_) if self.is_closed => None,
            Some(_) if self.unsent_responses > 0 => Some(ConnectionPhase::Sends(self.since)),
            Some(_) => Some(ConnectionPhase::AwaitsRequest(self.since)),
            None => None,
        }
    }
}

impl ConnectionTimeouts {
    /// Rate at which a client has to read a response. The connection to a slower client is closed.
    pub(crate) const MIN_BYTES_PER_SECOND: u64 = 8 * 1024;
}

impl ConnectionDeadline {
    pub(crate) fn new(timeouts: ConnectionTimeouts) -> Self {
        let since = Instant::now();
        let state = State { deadline: Some(since + timeouts.header), is_idle: true, unsent_responses: 0, since, is_closed: false };
        Self { timeouts, state: Mutex::new(state), closed: Notify::new() }
    }

    /// Returns the phase of the connection; `None` while the server creates a response, and if the connection is being closed.
    pub(crate) fn phase(&self) -> Option<ConnectionPhase> {
        self.state().phase()
    }

    /// Closes the connection to make room for another, if the connection is in the phase `phase`. Returns whether the connection is closed. The phase
    /// may have changed since [`ConnectionDeadline::phase`] returned it, for example because a request has arrived.
    pub(crate) fn close_if(&self, phase: ConnectionPhase) -> bool {
        let mut state = self.state();
        if state.phase() != Some(phase) {
            return false;
        }
        state.is_closed = true;
        self.closed.notify_one();
        true
    }

    /// Waits until the connection is closed to make room for another.
    pub(crate) async fn closed(&self) {
        self.closed.notified().await;
    }

    #[cfg(test)]
    pub(crate) fn is_closed(&self) -> bool {
        self.state().is_closed
    }

    /// Suspends the deadline while the server creates the response. Called when the head of a request is complete.
    pub(crate) fn on_request(&self) {
        let mut state = self.state();
        (state.deadline, state.is_idle) = (None, false);
    }

    /// Starts the deadline for sending a response with the body `bytes`. Returns the body, which reports to this deadline when it has been sent.
    pub(crate) fn on_response(self: &Arc<Self>, bytes: Bytes) -> FullBody {
        let allowed = self.timeouts.response + Duration::from_secs(bytes.len() as u64 / ConnectionTimeouts::MIN_BYTES_PER_SECOND);
        let (mut state, now) = (self.state(), Instant::now());
        state.deadline = Some(now + allowed);
        if state.unsent_responses == 0 {
            state.since = now;
        }
        state.unsent_responses += 1;
        FullBody(Some(ResponseBytes { bytes, deadline: Arc::clone(self) }))
    }

    /// Returns whether the deadline has passed.
    pub(crate) fn is_expired(&self, now: Instant) -> bool {
        self.state().deadline.is_some_and(|deadline| now > deadline)
    }

    /// Starts the deadline for the head of a request, if the connection was idle. Called when bytes are received.
    fn on_bytes_received(&self) {
        let mut state = self.state();
        if state.is_idle {
            let now = Instant::now();
            (state.deadline, state.is_idle, state.since) = (Some(now + self.timeouts.header), false, now);
        }
    }

    /// Starts the deadline for the next request, if no other response remains to be sent. Called when a response has been sent.
    fn on_response_sent(&self) {
        let mut state = self.state();
        state.unsent_responses -= 1;
        if state.unsent_responses == 0 && state.deadline.is_some() {
            let now = Instant::now();
            (state.deadline, state.is_idle, state.since) = (Some(now + self.timeouts.idle), true, now);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every assignment leaves a consistent state, so the state can be used even if another thread panicked with the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Response body whose bytes are all in memory before sending begins.
pub(crate) struct FullBody(Option<ResponseBytes>);

/// Bytes of a response body. The value is dropped when all bytes are in the send buffer.
pub(crate) struct ResponseBytes {
    bytes: Bytes,
    deadline: Arc<ConnectionDeadline>,
}

impl Drop for ResponseBytes {
    fn drop(&mut self) {
        self.deadline.on_response_sent();
    }
}

impl Buf for ResponseBytes {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
    }
}

impl Body for FullBody {
    type Data = ResponseBytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<ResponseBytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.size_hint().exact() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |body| body.bytes.len() as u64))
    }
}

/// Receiving side of a connection, which notifies the deadline of received bytes.
pub(crate) struct DeadlineReader<R> {
    pub(crate) inner: R,
    pub(crate) deadline: Arc<ConnectionDeadline>,
}

impl<R: AsyncRead + Unpin> AsyncRead for DeadlineReader<R> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.deadline.on_bytes_received();
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_phase_has_its_timeout() {
        let seconds = Duration::from_secs;
        let deadline =
            Arc::new(ConnectionDeadline::new(ConnectionTimeouts { header: seconds(10), idle: seconds(60), response: seconds(30) }));
        let expires_between = |least: u64, most: u64| {
            let now = Instant::now();
            !deadline.is_expired(now + seconds(least)) && deadline.is_expired(now + seconds(most))
        };
        assert!(expires_between(9, 11), "new");
        deadline.on_bytes_received();
        assert!(expires_between(9, 11), "a head");
        deadline.on_request();
        assert!(!deadline.is_expired(Instant::now() + seconds(1_000)), "no deadline while the server renders");
        // 60 s for the bytes, and 30 s of timeout.
        let mut first = deadline.on_response(vec![0; 60 * ConnectionTimeouts::MIN_BYTES_PER_SECOND as usize].into());
        let bytes = first.0.as_mut().unwrap();
        bytes.advance(1_000);
        assert!(expires_between(89, 91), "a response that the client does not read");
        deadline.on_bytes_received();
        deadline.on_request();
        let second = deadline.on_response(Bytes::new());
        drop(first);
        assert!(expires_between(29, 31), "a pipelined response is not sent yet");
        drop(second);
        assert!(expires_between(59, 61), "idle");
        deadline.on_bytes_received();
        assert!(expires_between(9, 11), "the next head");
    }
}
