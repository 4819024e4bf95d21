//! A stream that knows where its connection stands, so that one who is slow can be told from one who is idle, and that gives a body to the
//! refusals that hyper sends without one.

use crate::problem::Problem;
use bytes::{Buf, Bytes};
use hyper::StatusCode;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How long a client may take for what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// For the head of a request, from its first byte, or from the start of a connection.
    pub(crate) head: Duration,
    /// Until the next request.
    pub(crate) idle: Duration,
    /// For an answer, besides the time that its bytes take at [`Patience::LEAST_BYTES`].
    pub(crate) answer: Duration,
}

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It is new: nothing has come yet.
    New,
    /// Everything was answered.
    Idle,
    /// A request is coming.
    Head,
    /// A request has come, and is being answered.
    Asked,
    /// This much of the answer has yet to be taken.
    Answering { left: u64, deadline: Instant },
}

/// What a connection is doing, shared between its stream and whoever watches it.
pub(crate) struct Vigil {
    state: Mutex<(Phase, Instant)>,
}

/// A connection that took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overdue {
    /// It can be told.
    Head,
    /// There is nothing to tell, or nobody takes it.
    Silent,
}

/// The stream.
pub(crate) struct Socket<S> {
    inner: S,
    vigil: Arc<Vigil>,
    /// What is sent in the place of a refusal without a body.
    instead: Bytes,
    refused: Option<StatusCode>,
}

impl Patience {
    /// What anyone takes of an answer in a second. Whoever takes less is not reading.
    pub(crate) const LEAST_BYTES: u64 = 8 * 1024;
}

impl Vigil {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::new((Phase::New, Instant::now())) }
    }

    /// A request has come.
    pub(crate) fn asked(&self) {
        *self.lock() = (Phase::Asked, Instant::now());
    }

    /// Its answer has this many bytes.
    pub(crate) fn answered(&self, bytes: u64, patience: &Patience) {
        let now = Instant::now();
        let deadline = now + patience.answer + Duration::from_secs(bytes / Patience::LEAST_BYTES);
        *self.lock() = (Phase::Answering { left: bytes, deadline }, now);
    }

    /// Whether the time for what the connection does is over.
    pub(crate) fn overdue(&self, now: Instant, patience: &Patience) -> Option<Overdue> {
        let (phase, since) = *self.lock();
        match phase {
            Phase::New if now > since + patience.head => Some(Overdue::Silent),
            Phase::Idle if now > since + patience.idle => Some(Overdue::Silent),
            Phase::Head if now > since + patience.head => Some(Overdue::Head),
            Phase::Answering { deadline, .. } if now > deadline => Some(Overdue::Silent),
            _ => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, (Phase, Instant)> {
        // What it holds is right after every assignment, also where another thread was stopped.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn came(&self) {
        let mut state = self.lock();
        if matches!(state.0, Phase::New | Phase::Idle) {
            *state = (Phase::Head, Instant::now());
        }
    }

    /// Whether what is written now answers a request.
    fn is_answering(&self) -> bool {
        matches!(self.lock().0, Phase::Asked | Phase::Answering { .. })
    }

    fn went(&self, bytes: usize) {
        if let Phase::Answering { left, .. } = &mut self.lock().0 {
            *left = left.saturating_sub(bytes as u64);
        }
    }

    fn flushed(&self) {
        let mut state = self.lock();
        if matches!(state.0, Phase::Answering { left: 0, .. }) {
            *state = (Phase::Idle, Instant::now());
        }
    }
}

impl<S> Socket<S> {
    pub(crate) fn new(inner: S, vigil: Arc<Vigil>) -> Self {
        Self { inner, vigil, instead: Bytes::new(), refused: None }
    }

    /// The stream itself.
    pub(crate) fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// What was refused before it was a request.
    pub(crate) fn refused(&self) -> Option<StatusCode> {
        self.refused
    }

    /// Takes the place of what hyper says by itself when it cannot read a request: a status without a body. Everything else is written
    /// while a request is being answered.
    fn replaces(&mut self, bytes: &[u8]) -> bool {
        if bytes.is_empty() || self.vigil.is_answering() {
            return false;
        }
        let status = bytes.strip_prefix(b"HTTP/1.1 ").and_then(|rest| StatusCode::from_bytes(rest.get(..3)?).ok());
        let problem = Problem::of_connection(status.unwrap_or(StatusCode::BAD_REQUEST));
        self.refused = Some(problem.status);
        self.instead = problem.on_the_wire();
        true
    }
}

impl<S: AsyncWrite + Unpin> Socket<S> {
    fn poll_instead(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.instead.has_remaining() {
            let written = ready!(Pin::new(&mut self.inner).poll_write(context, &self.instead))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.instead.advance(written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Socket<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.vigil.came();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Socket<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.refused.is_some() || self.replaces(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = ready!(Pin::new(&mut self.inner).poll_write(context, bytes))?;
        self.vigil.went(written);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let first = slices.iter().find(|slice| !slice.is_empty());
        if self.refused.is_some() || first.is_some_and(|bytes| self.replaces(bytes)) {
            return Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()));
        }
        let written = ready!(Pin::new(&mut self.inner).poll_write_vectored(context, slices))?;
        self.vigil.went(written);
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_instead(context))?;
        ready!(Pin::new(&mut self.inner).poll_flush(context))?;
        self.vigil.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The connection ends the stream itself, once it knows why.
        self.poll_instead(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_phase_has_its_patience() {
        let seconds = Duration::from_secs;
        let patience = Patience { head: seconds(10), idle: seconds(60), answer: seconds(30) };
        let vigil = Vigil::new();
        let after = |vigil: &Vigil, count: u64| vigil.overdue(Instant::now() + seconds(count), &patience);
        assert_eq!((after(&vigil, 9), after(&vigil, 11)), (None, Some(Overdue::Silent)), "new");
        vigil.came();
        assert_eq!((after(&vigil, 9), after(&vigil, 11)), (None, Some(Overdue::Head)), "a head");
        vigil.asked();
        assert_eq!(after(&vigil, 1_000), None, "the server takes its own time");
        // A minute for the bytes, and half a minute besides.
        vigil.answered(60 * Patience::LEAST_BYTES, &patience);
        assert_eq!((after(&vigil, 89), after(&vigil, 91)), (None, Some(Overdue::Silent)), "an answer that nobody takes");
        vigil.went(1_000);
        vigil.flushed();
        assert_eq!(after(&vigil, 91), Some(Overdue::Silent), "one of which some was taken");
        vigil.went(usize::MAX);
        vigil.flushed();
        assert_eq!((after(&vigil, 59), after(&vigil, 61)), (None, Some(Overdue::Silent)), "idle");
        // The next request begins while nothing is owed.
        vigil.came();
        assert_eq!(after(&vigil, 11), Some(Overdue::Head));
    }
}
