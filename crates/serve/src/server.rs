//! The socket that listens, and how it is stopped.

use crate::connection::{self, LINGER, Served, Shared};
use crate::log::{Log, LogFormat};
use crate::pace::Patience;
use crate::site::Site;
use crate::watch::Watch;
use std::fmt;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Semaphore, watch};

/// How a server behaves.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Where it listens.
    pub listen: SocketAddr,
    /// As many connections as this at once; one more is answered with 503.
    pub max_connections: u32,
    /// How long answers that are on their way may still take once it is stopped.
    pub grace: Duration,
    /// How long the head of a request may take.
    pub header_timeout: Duration,
    /// How long a connection may stay without a request.
    pub idle_timeout: Duration,
    /// How long an answer may take, besides a second for each 8 KiB.
    pub answer_timeout: Duration,
    /// How requests are logged.
    pub log: LogFormat,
}

/// What happens while a server runs, to be reported by its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Connections are taken at this address.
    Listening(SocketAddr),
    /// The folders of the catalog changed, and what is served now is made of what is in them.
    Reloaded {
        /// How many models there are now.
        models: usize,
    },
    /// The folders of the catalog changed, and what is in them cannot be served; what was served before still is.
    Broken(String),
    /// No more connections are taken; those that are being answered still are.
    Stopping {
        /// How many connections there are.
        connections: usize,
    },
    /// No connection could be taken for want of something, such as files that may be open.
    Accepting(String),
}

/// How a server came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Every connection has its answer.
    Done,
    /// The grace was over before these connections had theirs.
    CutOff(usize),
    /// A second signal came.
    AtOnce,
}

/// Why nothing could be listened to.
#[derive(Debug)]
pub struct ListenError {
    address: SocketAddr,
    error: io::Error,
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, error } = self;
        match error.kind() {
            io::ErrorKind::AddrInUse => write!(f, "something else listens at {address} already; name another port with `--listen`"),
            io::ErrorKind::PermissionDenied => write!(f, "{address} may not be listened at: ports below 1024 want more rights"),
            io::ErrorKind::AddrNotAvailable => write!(f, "{} is no address of this machine", address.ip()),
            _ => write!(f, "{address} cannot be listened at: {error}"),
        }
    }
}

impl std::error::Error for ListenError {}

/// The connections over the limit that are answered with 503 at once; more are hung up on.
const TURNED_AWAY: usize = 32;
/// What the kernel takes of an answer before it is sent. Sized by the kernel it is 2.8 MB for a client that does not read, which 900
/// connections would have 900 times; and what the kernel has taken counts as read. Requests cost the same with 128 KiB and with 1 MiB.
const SEND_BUFFER: u32 = 256 * 1024;
const BACKLOG: u32 = 1_024;

/// Serves a site until a signal ends it: SIGTERM or Ctrl-C lets the answers finish that are on their way, and the second one does not.
/// `log` takes the lines of the log, and `tell` everything else that happens.
///
/// # Errors
/// When the address cannot be listened at.
pub fn serve(
    site: Site,
    watch: Option<Watch>,
    options: &Options,
    log: Box<dyn Write + Send>,
    tell: Arc<dyn Fn(Event) + Send + Sync>,
) -> Result<Stopped, ListenError> {
    let failed = |error| ListenError { address: options.listen, error };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_io().enable_time().build().map_err(failed)?;
    let done = runtime.block_on(async {
        let listener = listen(options.listen)?;
        // From here on a signal asks for an orderly end.
        let mut signals = Signals::new()?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let (head, idle, answer) = (options.header_timeout, options.idle_timeout, options.answer_timeout);
        let shared = Arc::new(Shared {
            served: RwLock::new(Served { site: Arc::new(site), health: crate::watch::loaded_now() }),
            log: Log::new(options.log, log),
            patience: Patience { head, idle, answer },
            thorough: Semaphore::new(cores),
        });
        let watching = watch.map(|watch| watch.start(Arc::clone(&shared), Arc::clone(&tell)));
        tell(Event::Listening(listener.local_addr()?));
        let places = Arc::new(Semaphore::new(options.max_connections as usize));
        let (stop, stopped) = watch::channel(false);
        tokio::select! {
            () = accept(&listener, &shared, &places, &stopped, tell.as_ref()) => {}
            () = signals.next() => {}
        }
        // New connections are refused from now on, not kept waiting.
        drop(listener);
        drop(watching);
        let open = || (options.max_connections as usize).saturating_sub(places.available_permits());
        tell(Event::Stopping { connections: open() });
        let _ = stop.send(true);
        Ok(tokio::select! {
            _ = places.acquire_many(options.max_connections) => Stopped::Done,
            () = tokio::time::sleep(options.grace) => Stopped::CutOff(open()),
            () = signals.next() => Stopped::AtOnce,
        })
    });
    // Connections that are left have had their time; what was logged is written once all of them have let go of the log.
    runtime.shutdown_timeout(Duration::from_millis(100));
    done.map_err(failed)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A server that was killed can be started again at once. On Windows this would let two listen at one port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // Connections have this from the socket that they came to. Where it cannot be had, everything only takes longer.
    let _ = socket.set_send_buffer_size(SEND_BUFFER);
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn accept(
    listener: &TcpListener,
    shared: &Arc<Shared>,
    places: &Arc<Semaphore>,
    stopped: &watch::Receiver<bool>,
    tell: &(dyn Fn(Event) + Send + Sync),
) {
    let turned_away = Arc::new(Semaphore::new(TURNED_AWAY));
    let mut is_told = false;
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            // One that was gone before it was taken is nothing; everything else, such as too many open files, gets better with time.
            Err(error) => {
                if !is_told && !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
                    is_told = true;
                    tell(Event::Accepting(error.to_string()));
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // An answer goes out when it is written, not when the one before was taken.
        let _ = stream.set_nodelay(true);
        let (is_admitted, place) = match Arc::clone(places).try_acquire_owned() {
            Ok(place) => (true, place),
            Err(_) => match Arc::clone(&turned_away).try_acquire_owned() {
                Ok(place) => (false, place),
                Err(_) => continue,
            },
        };
        let connection = connection::run(stream, peer, Arc::clone(shared), stopped.clone(), is_admitted);
        tokio::spawn(async move {
            if is_admitted {
                connection.await;
            } else {
                let _ = tokio::time::timeout(LINGER, connection).await;
            }
            drop(place);
        });
    }
}

/// The signals that end a server.
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

/// The signals that end a server.
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
