//! What went wrong, in one word that programs read and in words that say what to do next.

use crate::secret::{Secret, scrub};
use std::fmt;
use std::time::Duration;

/// Defines [`Kind`]: each variant with its word for programs and what to do about it.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $word:literal, $next_step:literal;)+) => {
        /// What kind of thing went wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind {
            $($(#[$doc])* $kind,)+
        }

        impl Kind {
            /// The word for programs.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $word,)+
                }
            }

            /// What to do about it.
            #[must_use]
            pub fn next_step(self) -> &'static str {
                match self {
                    $(Self::$kind => $next_step,)+
                }
            }
        }
    };
}

kinds! {
    /// Nothing of the API is at this address: 404, a web page, a redirect to elsewhere.
    WrongBaseUrl, "wrong-base-url", "check `base_url` of the endpoint; the provider's documentation has the right one";
    /// The server knows the address and not the key.
    KeyRejected, "key-rejected", "check that the key is whole, belongs to this provider and region, and has not been revoked";
    /// There is no key to send.
    NoKey, "no-key", "set the variable, or `modeldex config set env.NAME -`";
    /// The server does not have the model, or not for this key.
    ModelUnknown, "model-unknown", "check the model's id, and that the key's account has access to it";
    /// The server has too much to do. It is temporary and nobody's configuration.
    Overloaded, "overloaded", "this is temporary and not your configuration: try again later";
    /// This key has sent too much in too short a time. It is temporary.
    RateLimited, "rate-limited", "this is temporary and not your configuration: send less at once, or try again later";
    /// What was paid for is used up, or nothing was paid.
    Quota, "quota", "the account has nothing left to spend: add credit or raise its limit at the provider";
    /// The server speaks another protocol.
    WrongProtocol, "wrong-protocol", "set `api` of the endpoint to the protocol that the server speaks, or use its other base URL";
    /// The request is longer than the model takes.
    ContextOverflow, "context-overflow", "shorten the message, or take a model with a larger context window";
    /// The server refuses the request for what is in it.
    Refused, "refused", "the server's own words say what it does not take";
    /// The server failed. It is often temporary.
    ServerError, "server-error", "the fault is the server's and may pass: try again later";
    /// No secure connection could be made.
    Tls, "tls", "check that the address is meant to be https, this machine's clock, and whether a proxy stands between";
    /// The host's name is not known.
    Dns, "dns", "check the host's name for a typing error, and that this machine has a network";
    /// Nobody listens at the address, or the connection broke before an answer.
    Unreachable, "unreachable", "check that the server runs at this address and port, and that no firewall or proxy stands between";
    /// No answer came in time.
    Timeout, "timeout", "try again later, or wait longer with `--timeout`";
    /// The answer ended before it was whole.
    CutOff, "cut-off", "try again; what has arrived may be incomplete";
    /// The answer is not one that the protocol knows.
    BadAnswer, "bad-answer", "check `base_url` and `api` of the endpoint: something else answers there";
    /// The protocol or the kind of credential is not spoken here.
    Unsupported, "unsupported", "use a tool of the provider's own, or another endpoint of it";
    /// It was called off.
    Cancelled, "cancelled", "nothing more is sent";
}

/// Something that went wrong, with its next step.
#[derive(Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind of thing.
    pub kind: Kind,
    /// What happened, in one line. No secret is in it.
    pub what: String,
    /// The status of the server's answer, where it gave one.
    pub status: Option<u16>,
    /// How long the server asks to be left alone.
    pub retry_after: Option<Duration>,
}

impl Kind {
    /// Whether it may go away by itself.
    #[must_use]
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::Overloaded | Self::RateLimited | Self::ServerError | Self::Timeout | Self::CutOff)
    }

    /// Whether it says something of the endpoint or the model, and not of somebody's key, message or network.
    #[must_use]
    pub fn is_about_facts(self) -> bool {
        matches!(self, Self::WrongBaseUrl | Self::WrongProtocol | Self::ModelUnknown)
    }

    /// Whether the same request may be sent again without asking anybody: the server has too much to do and has done nothing yet.
    #[must_use]
    pub fn is_overload(self) -> bool {
        matches!(self, Self::Overloaded | Self::RateLimited)
    }
}

impl Problem {
    /// A problem without an answer of a server.
    #[must_use]
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), status: None, retry_after: None }
    }

    /// The same without `secret`, and without what looks like any other key, in its words.
    #[must_use]
    pub fn scrubbed(mut self, secret: Option<&Secret>) -> Self {
        self.what = scrub(&self.what, secret);
        self
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Problem {
    /// What happened and what to do, in one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what, self.kind.next_step())?;
        match self.retry_after {
            Some(wait) if wait > Duration::ZERO => write!(f, " (the server asks for {} s)", wait.as_secs().max(1)),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Problem({}: {})", self.kind, self.what)
    }
}

impl std::error::Error for Problem {}
