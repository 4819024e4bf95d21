//! One connection, from its first byte to its end.

use crate::answer::{Asked, answer};
use crate::health::Health;
use crate::log::{Line, Log};
use crate::problem::Problem;
use crate::site::Site;
use crate::socket::{Overdue, Patience, Socket, Vigil};
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};
use std::time::{Duration, Instant, SystemTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};

/// What every connection reads.
pub(crate) struct Shared {
    pub(crate) site: RwLock<Arc<Site>>,
    pub(crate) health: RwLock<Health>,
    pub(crate) log: Log,
    pub(crate) patience: Patience,
    /// As many answers are computed at once as there are cores: one who asks for a great many does not slow down the others.
    pub(crate) thorough: Semaphore,
}

/// A body that is there already.
pub(crate) struct Whole(Bytes);

/// The most that the head of a request may have.
const LARGEST_HEAD: usize = 16 * 1024;
/// How often it is looked whether a client is too slow.
const LOOK: Duration = Duration::from_millis(500);
/// How long one who is being turned away may take to notice.
const LINGER: Duration = Duration::from_secs(1);

impl Shared {
    pub(crate) fn site(&self) -> Arc<Site> {
        Arc::clone(&self.site.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn health(&self) -> Health {
        self.health.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers a request.
    async fn answer(self: &Arc<Self>, asked: Asked) -> Response<Bytes> {
        let site = self.site();
        let quick = {
            let health = self.health.read().unwrap_or_else(PoisonError::into_inner);
            asked.quickly(&site, &health)
        };
        if let Some(response) = quick {
            return response;
        }
        let Ok(_turn) = self.thorough.acquire().await else { return overloaded() };
        let health = self.health();
        let done = tokio::task::spawn_blocking(move || answer(&site, &health, &asked)).await;
        done.unwrap_or_else(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the answer could not be made").response())
    }
}

/// Answers whatever comes over a connection, until it ends or takes too long. `stop` ends it after the answer that is on its way.
pub(crate) async fn run(stream: TcpStream, peer: SocketAddr, shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    let vigil = Arc::new(Vigil::new());
    let service = {
        let (shared, vigil) = (Arc::clone(&shared), Arc::clone(&vigil));
        hyper::service::service_fn(move |request| {
            let (shared, vigil) = (Arc::clone(&shared), Arc::clone(&vigil));
            async move { Ok::<_, Infallible>(one(request, peer, &shared, &vigil).await) }
        })
    };
    let io = TokioIo::new(Socket::new(stream, Arc::clone(&vigil)));
    let mut connection =
        http1::Builder::new().max_buf_size(LARGEST_HEAD).half_close(true).header_read_timeout(None).serve_connection(io, service);
    let mut look = tokio::time::interval(LOOK);
    let mut is_stopping = *stop.borrow_and_update();
    if is_stopping {
        Pin::new(&mut connection).graceful_shutdown();
    }
    let end = loop {
        tokio::select! {
            biased;
            done = &mut connection => break Err(done),
            _ = look.tick() => {
                if let Some(overdue) = vigil.overdue(Instant::now(), &shared.patience) {
                    break Ok(overdue);
                }
            }
            _ = stop.changed(), if !is_stopping => {
                is_stopping = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    let mut socket = connection.into_parts().io.into_inner();
    match end {
        Ok(Overdue::Silent) => {}
        Ok(Overdue::Head) => {
            let problem = Problem::of_connection(StatusCode::REQUEST_TIMEOUT);
            log_refusal(&shared, peer, problem.status);
            let _ = tokio::time::timeout(LINGER, socket.refuse(problem)).await;
        }
        // HTTP/2 without being asked is the one thing that hyper refuses without a word.
        Err(Err(error)) if error.is_parse() && socket.refused().is_none() => {
            let problem = Problem::of_connection(StatusCode::BAD_REQUEST);
            log_refusal(&shared, peer, problem.status);
            let _ = tokio::time::timeout(LINGER, socket.refuse(problem)).await;
        }
        Err(_) => {
            if let Some(status) = socket.refused() {
                log_refusal(&shared, peer, status);
            }
            let _ = tokio::time::timeout(LINGER, close(socket.get_mut())).await;
        }
    }
}

/// Tells one who is one too many.
pub(crate) async fn turn_away(mut stream: TcpStream, peer: SocketAddr, shared: Arc<Shared>) {
    let problem = Problem::of_connection(StatusCode::SERVICE_UNAVAILABLE);
    log_refusal(&shared, peer, problem.status);
    let told = async {
        stream.write_all(&problem.on_the_wire()).await?;
        close(&mut stream).await
    };
    let _ = tokio::time::timeout(LINGER, told).await;
}

/// Ends what is sent, and reads what is still coming: whoever is hung up on while it sends throws away what it was told.
async fn close(stream: &mut (impl AsyncReadExt + AsyncWriteExt + Unpin)) -> std::io::Result<()> {
    stream.shutdown().await?;
    let mut rest = [0; 1024];
    // A bound, since this is for those who send too much.
    for _ in 0..256 {
        if stream.read(&mut rest).await? == 0 {
            break;
        }
    }
    Ok(())
}

impl Socket<TcpStream> {
    /// Tells what is wrong with a request that never became one.
    async fn refuse(&mut self, problem: Problem) -> std::io::Result<()> {
        self.get_mut().write_all(&problem.on_the_wire()).await?;
        close(self.get_mut()).await
    }
}

async fn one(request: Request<Incoming>, peer: SocketAddr, shared: &Arc<Shared>, vigil: &Vigil) -> Response<Whole> {
    let start = Instant::now();
    vigil.asked();
    // A body is refused by its headers, and never read.
    let asked = Asked::new(request.into_parts().0);
    let told = shared.log.is_on().then(|| asked.told());
    let ends = asked.ends_connection();
    let mut response = shared.answer(asked).await;
    if ends {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let bytes = response.body().len() as u64;
    vigil.answered(bytes, &shared.patience);
    if told.is_some() {
        let encoding = match response.headers().get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
            Some(b"gzip") => "gzip",
            Some(b"zstd") => "zstd",
            _ => "identity",
        };
        let status = response.status();
        shared.log.tell(Line { time: SystemTime::now(), peer, asked: told, status, bytes, encoding, took: start.elapsed() });
    }
    response.map(Whole)
}

fn log_refusal(shared: &Shared, peer: SocketAddr, status: StatusCode) {
    let (time, took) = (SystemTime::now(), Duration::ZERO);
    shared.log.tell(Line { time, peer, asked: None, status, bytes: 0, encoding: "identity", took });
}

fn overloaded() -> Response<Bytes> {
    Problem::of_connection(StatusCode::SERVICE_UNAVAILABLE).response()
}

impl Body for Whole {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = std::mem::take(&mut self.0);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.len() as u64)
    }
}
