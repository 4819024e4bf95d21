//! One connection, from its first byte to its end.

use crate::answer::{Asked, answer};
use crate::health::Health;
use crate::log::{Line, Log};
use crate::pace::{Pace, Patience, Reading, Whole};
use crate::problem::Problem;
use crate::site::Site;
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};

/// What every connection reads.
pub(crate) struct Shared {
    pub(crate) served: RwLock<Served>,
    pub(crate) log: Log,
    pub(crate) patience: Patience,
    /// As many answers are computed at once as there are cores: a client that sends a great many requests does not slow down the others.
    pub(crate) thorough: Semaphore,
}

/// What is served now.
#[derive(Clone)]
pub(crate) struct Served {
    pub(crate) site: Arc<Site>,
    pub(crate) health: Health,
}

/// The most that the head of a request may have.
const LARGEST_HEAD: usize = 16 * 1024;
/// How often a connection is looked at for being overdue.
const LOOK: Duration = Duration::from_millis(500);
/// How long a client that sends more than is read may take to notice; and how long a connection over the limit lasts.
pub(crate) const LINGER: Duration = Duration::from_secs(1);

impl Shared {
    pub(crate) fn served(&self) -> Served {
        self.served.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn answer(&self, asked: Asked) -> Response<Bytes> {
        let Served { site, health } = self.served();
        if asked.is_quick(&site) {
            return answer(&site, &health, &asked);
        }
        let _turn = self.thorough.acquire().await;
        let done = tokio::task::spawn_blocking(move || answer(&site, &health, &asked)).await;
        done.unwrap_or_else(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the answer could not be made").response())
    }
}

/// Answers the requests of a connection, until it ends or takes too long. `stop` ends it after the answer that is on its way. One that is
/// over the limit, and was not admitted, is answered with 503.
pub(crate) async fn run(stream: TcpStream, peer: SocketAddr, shared: Arc<Shared>, mut stop: watch::Receiver<bool>, is_admitted: bool) {
    let pace = Arc::new(Pace::new(shared.patience));
    let service = service_fn(|request| {
        let (shared, pace) = (Arc::clone(&shared), Arc::clone(&pace));
        async move { Ok::<_, Infallible>(one(request, peer, &shared, &pace, is_admitted).await) }
    });
    let (inner, writing) = stream.into_split();
    let io = TokioIo::new(tokio::io::join(Reading { inner, pace: Arc::clone(&pace) }, writing));
    let mut connection = http1::Builder::new().max_buf_size(LARGEST_HEAD).half_close(true).serve_connection(io, service);
    let mut look = tokio::time::interval(LOOK);
    let mut is_stopping = false;
    let end = loop {
        tokio::select! {
            biased;
            end = &mut connection => break end,
            _ = look.tick() => {
                if pace.is_overdue(Instant::now()) {
                    return;
                }
            }
            _ = stop.wait_for(|stop| *stop), if !is_stopping => {
                is_stopping = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    if let Err(error) = end
        && error.is_parse()
    {
        // hyper has refused what is no request of HTTP/1.
        let status = if error.is_parse_too_large() { StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE } else { StatusCode::BAD_REQUEST };
        shared.log.line(&Line { peer, request: None, status, bytes: 0, encoding: "identity", took: Duration::ZERO });
    }
    let _ = tokio::time::timeout(LINGER, linger(connection.into_parts().io.into_inner())).await;
}

/// Ends what is sent, and reads what is still coming: a client that is hung up on while it sends throws the answer away.
async fn linger(mut stream: impl AsyncReadExt + AsyncWriteExt + Unpin) -> std::io::Result<()> {
    stream.shutdown().await?;
    let mut rest = [0; 1024];
    // A bound, since this is for clients that send too much.
    for _ in 0..256 {
        if stream.read(&mut rest).await? == 0 {
            break;
        }
    }
    Ok(())
}

async fn one(request: Request<Incoming>, peer: SocketAddr, shared: &Shared, pace: &Arc<Pace>, is_admitted: bool) -> Response<Whole> {
    let start = Instant::now();
    pace.requested();
    // A body is refused by its headers, and never read.
    let asked = Asked::new(request.into_parts().0);
    let logged = shared.log.is_on().then(|| (asked.method().clone(), asked.path().to_owned()));
    let ends = asked.ends_connection() || !is_admitted;
    let mut response = if is_admitted { shared.answer(asked).await } else { Problem::too_many_connections().response() };
    if ends {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if let Some((method, path)) = &logged {
        let encoding = response.headers().get(header::CONTENT_ENCODING).and_then(|encoding| encoding.to_str().ok()).unwrap_or("identity");
        let (status, bytes, took) = (response.status(), response.body().len(), start.elapsed());
        shared.log.line(&Line { peer, request: Some((method, path)), status, bytes, encoding, took });
    }
    response.map(|bytes| pace.answered(bytes))
}
