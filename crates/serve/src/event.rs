//! What happens while a server runs, for whoever started it to tell.

use std::net::SocketAddr;

/// Something that happened.
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
