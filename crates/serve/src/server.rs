//! The HTTP server: its options, the listening socket, and shutdown.

use crate::access::{AccessPolicy, AllowedHost, CorsOrigins};
use crate::connection::{self, LINGER_TIMEOUT, Served, Shared};
use crate::deadline::{ConnectionDeadline, ConnectionTimeouts};
use crate::log::{AccessLog, LogFormat};
use crate::places::Places;
use crate::site::Site;
use crate::watch::CatalogWatcher;
use std::fmt;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Semaphore, watch};

/// Options of the HTTP server.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// IP address and port at which the server listens.
    pub listen: SocketAddr,
    /// Host names that requests may use in addition to the names of this machine. If the list is empty, a server that does not listen at a loopback
    /// address accepts every host name.
    pub allowed_hosts: Vec<AllowedHost>,
    /// Origins of the web pages that may read responses.
    pub cors: CorsOrigins,
    /// Maximum number of open connections. Requests on further connections receive status 503.
    pub max_connections: u32,
    /// Longest time for finishing responses after shutdown has begun.
    pub grace_period: Duration,
    /// Longest time for receiving the head of a request.
    pub header_timeout: Duration,
    /// Longest time between a response and the next request on a connection.
    pub idle_timeout: Duration,
    /// Longest time for sending a response. One second is added for each 8 KiB of the response.
    pub response_timeout: Duration,
    /// Format of the access log.
    pub log: LogFormat,
}

/// Event of a running server, which the caller of [`serve`] can report to the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerEvent {
    /// The server now accepts connections at this address.
    Listening(SocketAddr),
    /// The catalog's folders changed, and the server now serves the new catalog.
    Reloaded {
        /// Number of models in the new catalog.
        models: usize,
    },
    /// The catalog's folders changed, but the new catalog is invalid. The server still serves the previous catalog. The field is the report of the
    /// errors.
    ReloadFailed(String),
    /// Shutdown has begun. The server accepts no new connections, and finishes the responses on open connections.
    Stopping {
        /// Number of open connections.
        connections: usize,
    },
    /// The server could not accept a connection, for example because too many files are open. The field is the error message. Only the first such
    /// failure is reported.
    AcceptFailed(String),
}

/// Outcome of the server's shutdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShutdownOutcome {
    /// The responses on all connections were finished.
    Completed,
    /// The grace period expired. The field is the number of connections that were still open and were then closed.
    GracePeriodExpired(usize),
    /// A second signal ended the grace period early.
    Forced,
}

/// Failure to listen at an address.
#[derive(Debug)]
pub struct ListenError {
    address: SocketAddr,
    error: io::Error,
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, error } = self;
        match error.kind() {
            io::ErrorKind::AddrInUse => write!(f, "{address} is already in use; choose another port with `--listen`"),
            io::ErrorKind::PermissionDenied => {
                write!(f, "the server has no permission to listen at {address}: ports below 1024 require privileges")
            }
            io::ErrorKind::AddrNotAvailable => write!(f, "{ip} is not an address of this machine", ip = address.ip()),
            _ => write!(f, "the server cannot listen at {address}: {error}"),
        }
    }
}

impl std::error::Error for ListenError {}

/// Maximum number of connections above the connection limit whose requests receive status 503. Further connections are closed without a response.
const MAX_REJECTED_CONNECTIONS: usize = 32;
/// Size of a socket's send buffer, in bytes. If the kernel chose the size, each of 900 clients that do not read would occupy 2.8 MB. Bytes in the
/// buffer count as sent. Requests take equal time with 128 KiB and with 1 MiB.
const SEND_BUFFER_BYTES: u32 = 256 * 1024;
/// Maximum number of connections that wait to be accepted.
const LISTEN_BACKLOG: u32 = 1_024;

/// Runs the server with the responses of `site` until a signal stops the server. After SIGTERM or Ctrl-C, the server finishes the responses in
/// progress. After a second signal, the server stops at once.
///
/// If `watcher` is not `None`, the site is replaced when the catalog changes. The access log is written to `log`, and `on_event` is called for each
/// event.
///
/// # Errors
/// Fails if the server cannot listen at the address `options.listen`.
pub fn serve(
    site: Site,
    watcher: Option<CatalogWatcher>,
    options: &ServerOptions,
    log: Box<dyn Write + Send>,
    on_event: Arc<dyn Fn(ServerEvent) + Send + Sync>,
) -> Result<ShutdownOutcome, ListenError> {
    let failed = |error| ListenError { address: options.listen, error };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_io().enable_time().build().map_err(failed)?;
    let outcome = runtime.block_on(async {
        let listener = listen(options.listen)?;
        // From here on, a signal begins a shutdown that finishes responses; before, it ends the process.
        let mut signals = Signals::new()?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let timeouts =
            ConnectionTimeouts { header: options.header_timeout, idle: options.idle_timeout, response: options.response_timeout };
        let shared = Arc::new(Shared {
            served: RwLock::new(Served { site: Arc::new(site), health: crate::watch::healthy_now() }),
            access: AccessPolicy::new(listener.local_addr()?, &options.allowed_hosts, options.cors.clone()),
            log: AccessLog::new(options.log, log),
            timeouts,
            render_permits: Semaphore::new(cores),
        });
        let watcher_thread = watcher.map(|watcher| watcher.start(Arc::clone(&shared), Arc::clone(&on_event)));
        on_event(ServerEvent::Listening(listener.local_addr()?));
        let places = Places::new(options.max_connections);
        let (stop, stopped) = watch::channel(false);
        tokio::select! {
            () = accept(&listener, &shared, &places, &stopped, on_event.as_ref()) => {}
            () = signals.next() => {}
        }
        // From now on, the operating system refuses new connections instead of queueing them.
        drop(listener);
        drop(watcher_thread);
        on_event(ServerEvent::Stopping { connections: places.taken() });
        let _ = stop.send(true);
        Ok(tokio::select! {
            () = places.wait_until_free() => ShutdownOutcome::Completed,
            () = tokio::time::sleep(options.grace_period) => ShutdownOutcome::GracePeriodExpired(places.taken()),
            () = signals.next() => ShutdownOutcome::Forced,
        })
    });
    // Drops the remaining connections. The log is flushed when the last connection has dropped its handle of the log.
    runtime.shutdown_timeout(Duration::from_millis(100));
    outcome.map_err(failed)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // The option allows a restart right after a kill. On Windows, the option would allow two servers to listen at one port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // Connections inherit the buffer size from this socket. If the size cannot be set, large responses take longer, but nothing fails.
    let _ = socket.set_send_buffer_size(SEND_BUFFER_BYTES);
    socket.bind(address)?;
    socket.listen(LISTEN_BACKLOG)
}

async fn accept(
    listener: &TcpListener,
    shared: &Arc<Shared>,
    places: &Arc<Places>,
    stopped: &watch::Receiver<bool>,
    on_event: &(dyn Fn(ServerEvent) + Send + Sync),
) {
    let rejection_permits = Arc::new(Semaphore::new(MAX_REJECTED_CONNECTIONS));
    let mut is_reported = false;
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            // A connection that the client closed before it was accepted is not a failure. Other errors, such as too many open files, are
            // temporary.
            Err(error) => {
                if !is_reported && !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
                    is_reported = true;
                    on_event(ServerEvent::AcceptFailed(error.to_string()));
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // With this option, a response is sent at once, before the client has acknowledged the previous response.
        let _ = stream.set_nodelay(true);
        let deadline = Arc::new(ConnectionDeadline::new(shared.timeouts));
        let place = places.try_take(peer.ip(), &deadline);
        // Each connection that is closed frees the place for one waiting task, so that the number of waiting tasks is limited.
        let has_room = place.is_some() || places.make_room(peer.ip(), Instant::now());
        let rejection = if has_room { None } else { Arc::clone(&rejection_permits).try_acquire_owned().ok() };
        if !has_room && rejection.is_none() {
            continue;
        }
        let (shared, places, stopped) = (Arc::clone(shared), Arc::clone(places), stopped.clone());
        tokio::spawn(async move {
            let place = match place {
                None if has_room => tokio::time::timeout(LINGER_TIMEOUT, places.take(peer.ip(), &deadline)).await.ok().flatten(),
                place => place,
            };
            let is_admitted = place.is_some();
            let connection = connection::serve_connection(stream, peer, shared, deadline, stopped, is_admitted);
            if is_admitted {
                connection.await;
            } else {
                let _ = tokio::time::timeout(LINGER_TIMEOUT, connection).await;
            }
            drop((place, rejection));
        });
    }
}

/// Signals that stop the server.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Signals that stop the server.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
