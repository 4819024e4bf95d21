//! Until when a connection may do what it is doing, moved on by the bytes that come and the answers that go.
//!
//! hyper's `header_read_timeout` runs from the end of the answer before, so that it would be the time of an idle connection as well, and
//! nothing in hyper or tower-http notices a client that takes no bytes of an answer that is there already.

use bytes::{Buf, Bytes};
use hyper::body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, ReadBuf};

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

/// The deadline of one connection.
pub(crate) struct Pace {
    patience: Patience,
    state: Mutex<State>,
}

struct State {
    /// When the connection is cut off; never, while the server itself takes its time.
    deadline: Option<Instant>,
    /// Whether the next byte begins a request.
    is_idle: bool,
    /// Answers that the kernel has not taken yet: several, when requests are pipelined.
    unsent: usize,
}

impl Patience {
    /// The bytes of an answer that a client takes in a second at least; one that takes less is not reading.
    pub(crate) const LEAST_BYTES: u64 = 8 * 1024;
}

impl Pace {
    pub(crate) fn new(patience: Patience) -> Self {
        let state = State { deadline: Some(Instant::now() + patience.head), is_idle: true, unsent: 0 };
        Self { patience, state: Mutex::new(state) }
    }

    /// A request has come.
    pub(crate) fn requested(&self) {
        let mut state = self.state();
        (state.deadline, state.is_idle) = (None, false);
    }

    /// Its answer, which is sent from now on.
    pub(crate) fn answered(self: &Arc<Self>, bytes: Bytes) -> Whole {
        let allowed = self.patience.answer + Duration::from_secs(bytes.len() as u64 / Patience::LEAST_BYTES);
        let mut state = self.state();
        state.deadline = Some(Instant::now() + allowed);
        state.unsent += 1;
        Whole(Some(Sending { bytes, pace: Arc::clone(self) }))
    }

    /// Whether the time for what the connection does is over.
    pub(crate) fn is_overdue(&self, now: Instant) -> bool {
        self.state().deadline.is_some_and(|deadline| now > deadline)
    }

    fn came(&self) {
        let mut state = self.state();
        if state.is_idle {
            (state.deadline, state.is_idle) = (Some(Instant::now() + self.patience.head), false);
        }
    }

    fn sent(&self) {
        let mut state = self.state();
        state.unsent -= 1;
        if state.unsent == 0 && state.deadline.is_some() {
            (state.deadline, state.is_idle) = (Some(Instant::now() + self.patience.idle), true);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What it holds is right after every assignment, also where another thread was stopped.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A body that is there already.
pub(crate) struct Whole(Option<Sending>);

/// The bytes of an answer; dropped once the kernel has taken all of them.
pub(crate) struct Sending {
    bytes: Bytes,
    pace: Arc<Pace>,
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.pace.sent();
    }
}

impl Buf for Sending {
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

impl Body for Whole {
    type Data = Sending;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Sending>, Infallible>>> {
        Poll::Ready(self.0.take().map(|sending| Ok(Frame::data(sending))))
    }

    fn is_end_stream(&self) -> bool {
        self.size_hint().exact() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |sending| sending.bytes.len() as u64))
    }
}

/// The side of a connection that is read.
pub(crate) struct Reading<R> {
    pub(crate) inner: R,
    pub(crate) pace: Arc<Pace>,
}

impl<R: AsyncRead + Unpin> AsyncRead for Reading<R> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.pace.came();
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_phase_has_its_patience() {
        let seconds = Duration::from_secs;
        let pace = Arc::new(Pace::new(Patience { head: seconds(10), idle: seconds(60), answer: seconds(30) }));
        let lasts = |least: u64, most: u64| {
            let now = Instant::now();
            !pace.is_overdue(now + seconds(least)) && pace.is_overdue(now + seconds(most))
        };
        assert!(lasts(9, 11), "new");
        pace.came();
        assert!(lasts(9, 11), "a head");
        pace.requested();
        assert!(!pace.is_overdue(Instant::now() + seconds(1_000)), "the server takes its own time");
        // A minute for the bytes, and half a minute besides.
        let mut first = pace.answered(vec![0; 60 * Patience::LEAST_BYTES as usize].into());
        let sending = first.0.as_mut().unwrap();
        sending.advance(1_000);
        assert!(lasts(89, 91), "an answer that nobody takes");
        pace.came();
        pace.requested();
        let second = pace.answered(Bytes::new());
        drop(first);
        assert!(lasts(29, 31), "a pipelined one is still owed");
        drop(second);
        assert!(lasts(59, 61), "idle");
        pace.came();
        assert!(lasts(9, 11), "the next head");
    }
}
