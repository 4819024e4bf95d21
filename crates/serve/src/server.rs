//! HTTP server: options, the listening socket, and shutdown.

use crate::connection::{self, LINGER_TIMEOUT, Served, Shared};
use crate::deadline::ConnectionTimeouts;
use crate::log::{AccessLog, LogFormat};
use crate::site::Site;
use crate::watch::CatalogWatcher;
use std::fmt;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Semaphore, watch};

/// Options of a server.
#[derive(Clone, Copy, Debug)]
pub struct ServerOptions {
    /// Address to listen at.
    pub listen: SocketAddr,
    /// Limit of open connections; further connections receive a 503.
    pub max_connections: u32,
    /// Time for responses in progress after shutdown begins.
    pub grace_period: Duration,
    /// Time for receiving the head of a request.
    pub header_timeout: Duration,
    /// Time for which a connection may stay open without a request.
    pub idle_timeout: Duration,
    /// Time for sending a response, to which one second per 8 KiB is added.
    pub response_timeout: Duration,
    /// Format of the access log.
    pub log: LogFormat,
}

/// Event of a running server, for the caller to report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerEvent {
    /// The server accepts connections at this address.
    Listening(SocketAddr),
    /// The catalog's folders changed, and the new catalog is served.
    Reloaded {
        /// Number of models in the new catalog.
        models: usize,
    },
    /// The catalog's folders changed, and the new catalog is invalid. Contains the report of its errors. The previous catalog is still served.
    ReloadFailed(String),
    /// Shutdown began: no new connections are accepted, and open ones are finished.
    Stopping {
        /// Number of open connections.
        connections: usize,
    },
    /// A connection could not be accepted, for example because too many files are open. Reported once.
    AcceptFailed(String),
}

/// Outcome of a server's shutdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShutdownOutcome {
    /// All connections were finished.
    Completed,
    /// The grace period expired. Contains the number of connections that were closed before they were finished.
    GracePeriodExpired(usize),
    /// A second signal stopped the server at once.
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
            io::ErrorKind::PermissionDenied => write!(f, "no permission to listen at {address}: ports below 1024 require privileges"),
            io::ErrorKind::AddrNotAvailable => write!(f, "{} is not an address of this machine", address.ip()),
            _ => write!(f, "failed to listen at {address}: {error}"),
        }
    }
}

impl std::error::Error for ListenError {}

/// Maximum number of connections over the limit that receive a 503 at the same time; further ones are closed without a response.
const MAX_REJECTED_CONNECTIONS: usize = 32;
/// Send buffer of a socket, in bytes. If the kernel chooses the size, each of 900 clients that do not read occupies 2.8 MB; and bytes in this
/// buffer count as sent. Requests take the same time with 128 KiB and with 1 MiB.
const SEND_BUFFER_BYTES: u32 = 256 * 1024;
const LISTEN_BACKLOG: u32 = 1_024;

/// Serves the responses of `site` until a signal stops the server. After SIGTERM or Ctrl-C the server finishes the responses in progress; after a
/// second signal it stops at once.
///
/// The access log is written to `log`. `on_event` receives all other events.
///
/// # Errors
/// If the server cannot listen at the address.
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
        // From here on a signal begins an orderly shutdown.
        let mut signals = Signals::new()?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let timeouts =
            ConnectionTimeouts { header: options.header_timeout, idle: options.idle_timeout, response: options.response_timeout };
        let shared = Arc::new(Shared {
            served: RwLock::new(Served { site: Arc::new(site), health: crate::watch::healthy_now() }),
            log: AccessLog::new(options.log, log),
            timeouts,
            render_permits: Semaphore::new(cores),
        });
        let watcher_thread = watcher.map(|watcher| watcher.start(Arc::clone(&shared), Arc::clone(&on_event)));
        on_event(ServerEvent::Listening(listener.local_addr()?));
        let connection_permits = Arc::new(Semaphore::new(options.max_connections as usize));
        let (stop, stopped) = watch::channel(false);
        tokio::select! {
            () = accept(&listener, &shared, &connection_permits, &stopped, on_event.as_ref()) => {}
            () = signals.next() => {}
        }
        // New connections are refused from now on, not queued.
        drop(listener);
        drop(watcher_thread);
        let open = || (options.max_connections as usize).saturating_sub(connection_permits.available_permits());
        on_event(ServerEvent::Stopping { connections: open() });
        let _ = stop.send(true);
        Ok(tokio::select! {
            _ = connection_permits.acquire_many(options.max_connections) => ShutdownOutcome::Completed,
            () = tokio::time::sleep(options.grace_period) => ShutdownOutcome::GracePeriodExpired(open()),
            () = signals.next() => ShutdownOutcome::Forced,
        })
    });
    // Drops the remaining connections. The log is flushed once the last of them has dropped its handle.
    runtime.shutdown_timeout(Duration::from_millis(100));
    outcome.map_err(failed)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Allows a restart right after a kill. On Windows the option would let two servers listen at one port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // Connections inherit the buffer size from this socket. If it cannot be set, large responses only take longer.
    let _ = socket.set_send_buffer_size(SEND_BUFFER_BYTES);
    socket.bind(address)?;
    socket.listen(LISTEN_BACKLOG)
}

async fn accept(
    listener: &TcpListener,
    shared: &Arc<Shared>,
    connection_permits: &Arc<Semaphore>,
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
        // Sends a response at once, without waiting for the acknowledgement of the previous one.
        let _ = stream.set_nodelay(true);
        let (is_admitted, permit) = match Arc::clone(connection_permits).try_acquire_owned() {
            Ok(permit) => (true, permit),
            Err(_) => match Arc::clone(&rejection_permits).try_acquire_owned() {
                Ok(permit) => (false, permit),
                Err(_) => continue,
            },
        };
        let connection = connection::serve_connection(stream, peer, Arc::clone(shared), stopped.clone(), is_admitted);
        tokio::spawn(async move {
            if is_admitted {
                connection.await;
            } else {
                let _ = tokio::time::timeout(LINGER_TIMEOUT, connection).await;
            }
            drop(permit);
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
