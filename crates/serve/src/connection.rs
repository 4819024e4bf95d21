//! Handling of a client's connection: reads requests, responds, and closes the connection.

use crate::access::{AccessPolicy, CorsRequest};
use crate::deadline::{ConnectionDeadline, ConnectionTimeouts, DeadlineReader, FullBody};
use crate::health::Health;
use crate::log::{AccessLog, AccessLogEntry};
use crate::problem::Problem;
use crate::respond::{RequestHead, respond_to_checked};
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

/// State that all connections of the server share.
pub(crate) struct Shared {
    pub(crate) served: RwLock<Served>,
    pub(crate) access: AccessPolicy,
    pub(crate) log: AccessLog,
    pub(crate) timeouts: ConnectionTimeouts,
    /// Permits for rendering, one per core: a client with many requests cannot slow down the requests of other clients.
    pub(crate) render_permits: Semaphore,
}

/// Site that the server currently responds with, and the health of the server.
#[derive(Clone)]
pub(crate) struct Served {
    pub(crate) site: Arc<Site>,
    pub(crate) health: Health,
}

/// Maximum size of the head of a request, in bytes.
const MAX_REQUEST_HEAD_BYTES: usize = 16 * 1024;
/// Interval at which a connection's deadline is checked.
const DEADLINE_POLL_INTERVAL: Duration = Duration::from_millis(500);
/// Time for which the server keeps reading from a client that still sends data when the server closes the connection. Also the lifetime of a
/// connection above the connection limit.
pub(crate) const LINGER_TIMEOUT: Duration = Duration::from_secs(1);

impl Shared {
    pub(crate) fn current(&self) -> Served {
        self.served.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the response to a request that passed [`RequestHead::check`].
    async fn respond(&self, request: RequestHead) -> Response<Bytes> {
        if let Some(problem) = self.access.refusal(&request) {
            return problem.response();
        }
        let Served { site, health } = self.current();
        if request.is_quick(&site) {
            return respond_to_checked(&site, &health, &request);
        }
        let _permit = self.render_permits.acquire().await;
        let response = tokio::task::spawn_blocking(move || respond_to_checked(&site, &health, &request)).await;
        response.unwrap_or_else(|_| {
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the server failed to create the response").response()
        })
    }
}

/// Responds to the requests of a connection until the client closes the connection, a deadline passes, the connection has to make room for another,
/// or `stop` becomes true. If `stop` becomes true, the response in progress is finished first. If the connection exceeds the connection limit,
/// `is_admitted` is false, and each request receives status 503.
pub(crate) async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    shared: Arc<Shared>,
    deadline: Arc<ConnectionDeadline>,
    mut stop: watch::Receiver<bool>,
    is_admitted: bool,
) {
    let service = service_fn(|request| {
        let (shared, deadline) = (Arc::clone(&shared), Arc::clone(&deadline));
        async move { Ok::<_, Infallible>(handle_request(request, peer, &shared, &deadline, is_admitted).await) }
    });
    let (reader, writer) = stream.into_split();
    let io = TokioIo::new(tokio::io::join(DeadlineReader { inner: reader, deadline: Arc::clone(&deadline) }, writer));
    let mut connection = http1::Builder::new().max_buf_size(MAX_REQUEST_HEAD_BYTES).half_close(true).serve_connection(io, service);
    let mut deadline_poll = tokio::time::interval(DEADLINE_POLL_INTERVAL);
    let mut is_stopping = false;
    let result = loop {
        tokio::select! {
            biased;
            result = &mut connection => break result,
            () = deadline.closed() => return,
            _ = deadline_poll.tick() => {
                if deadline.is_expired(Instant::now()) {
                    return;
                }
            }
            _ = stop.wait_for(|stop| *stop), if !is_stopping => {
                is_stopping = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    if let Err(error) = result
        && error.is_parse()
    {
        // hyper has already rejected the malformed request.
        let status = if error.is_parse_too_large() { StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE } else { StatusCode::BAD_REQUEST };
        shared.log.write(&AccessLogEntry { peer, request: None, status, bytes: 0, encoding: "identity", duration: Duration::ZERO });
    }
    let _ = tokio::time::timeout(LINGER_TIMEOUT, linger(connection.into_parts().io.into_inner())).await;
}

/// Closes the sending side of a connection, then reads and discards the data that the client still sends. Without this step, a client that is still
/// sending would receive a reset of the connection, and would lose the response.
async fn linger(mut stream: impl AsyncReadExt + AsyncWriteExt + Unpin) -> std::io::Result<()> {
    stream.shutdown().await?;
    let mut rest = [0; 1024];
    // At most 256 reads of 1 KiB each, because the client may send without end.
    for _ in 0..256 {
        if stream.read(&mut rest).await? == 0 {
            break;
        }
    }
    Ok(())
}

async fn handle_request(
    request: Request<Incoming>,
    peer: SocketAddr,
    shared: &Shared,
    deadline: &Arc<ConnectionDeadline>,
    is_admitted: bool,
) -> Response<FullBody> {
    let start = Instant::now();
    deadline.on_request();
    // A request with a body is rejected because of its headers, and the body is never read.
    let request = RequestHead::new(request.into_parts().0);
    let logged = shared.log.is_enabled().then(|| (request.method().clone(), request.path().to_owned()));
    let problem = request.check().err();
    // The connection is closed after an invalid request, which prevents request smuggling: a proxy may have parsed the end of the request at another
    // position than this server.
    let closes = problem.is_some() || !is_admitted;
    let cors = CorsRequest::of(&request);
    let mut response = match problem {
        _ if !is_admitted => Problem::too_many_connections().response(),
        Some(problem) => problem.response(),
        None => shared.respond(request).await,
    };
    shared.access.add_headers(&cors, &mut response);
    if closes {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if let Some((method, path)) = &logged {
        let encoding = response.headers().get(header::CONTENT_ENCODING).and_then(|encoding| encoding.to_str().ok()).unwrap_or("identity");
        let (status, bytes, duration) = (response.status(), response.body().len(), start.elapsed());
        shared.log.write(&AccessLogEntry { peer, request: Some((method, path)), status, bytes, encoding, duration });
    }
    response.map(|bytes| deadline.on_response(bytes))
}
