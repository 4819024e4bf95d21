//! Errors of the client: a stable kind for programs, a message, and the next step.

use crate::secret::{Secret, redact_text};
use std::fmt;
use std::time::Duration;

/// Defines [`ErrorKind`]: each variant with its stable code and its next step.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $code:literal, $next_step:literal;)+) => {
        /// Cause of a failed request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ErrorKind {
            $($(#[$doc])* $kind,)+
        }

        impl ErrorKind {
            /// Stable code for programs, such as `rate-limited`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $code,)+
                }
            }

            /// Advice to the user, for the end of an error message.
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
    /// The API is not at this URL: 404, a web page, or a redirect to another host.
    WrongBaseUrl, "wrong-base-url", "check `base_url` of the endpoint against the provider's documentation";
    /// The server rejected the key.
    KeyRejected, "key-rejected", "check that the key is complete, belongs to this provider and region, and has not been revoked";
    /// No credential was found.
    NoKey, "no-key", "set the variable, or `modeldex config set env.NAME -`";
    /// The server does not offer the model, or not to this key.
    ModelUnknown, "model-unknown", "check the model id, and that the account of the key has access to it";
    /// The server is overloaded. Temporary, and independent of the user's configuration.
    Overloaded, "overloaded", "this is temporary, and your configuration is not the cause: try again later";
    /// The key exceeded its rate limit. Temporary.
    RateLimited, "rate-limited", "this is temporary, and your configuration is not the cause: send fewer requests at once, or try again later";
    /// The account has no credit left, or its spending limit is reached.
    Quota, "quota", "add credit, or raise the account's limit at the provider";
    /// The server uses another wire protocol.
    WrongProtocol, "wrong-protocol", "set `api` of the endpoint to the server's protocol, or use its base URL for this protocol";
    /// The request is longer than the model accepts.
    ContextOverflow, "context-overflow", "shorten the message, or use a model with a larger context window";
    /// The server rejected the content of the request.
    Refused, "refused", "the server's message states what it does not accept";
    /// The server failed. Often temporary.
    ServerError, "server-error", "the server failed, often temporarily: try again later";
    /// No TLS connection could be established.
    Tls, "tls", "check that the URL should be https, that this machine's clock is right, and whether a proxy intercepts TLS";
    /// The host name could not be resolved.
    Dns, "dns", "check the host name for a typo, and that this machine has a network connection";
    /// No server listens at the address, or the connection broke before a response.
    Unreachable, "unreachable", "check that the server runs at this address and port, and that no firewall or proxy blocks it";
    /// No response arrived in time.
    Timeout, "timeout", "try again later, or wait longer with `--timeout`";
    /// The response ended before it was complete.
    CutOff, "cut-off", "try again; the text received so far may be incomplete";
    /// The response does not follow the protocol.
    BadAnswer, "bad-answer", "check `base_url` and `api` of the endpoint: another service may be answering there";
    /// The protocol or the authentication method is not supported by this client.
    Unsupported, "unsupported", "use the provider's own tool, or another endpoint of the provider";
    /// The request was cancelled.
    Cancelled, "cancelled", "nothing more is sent";
}

/// Failure of a request, with its next step.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientError {
    /// Cause.
    pub kind: ErrorKind,
    /// Description of the failure in one line, without secrets.
    pub message: String,
    /// HTTP status code; `None` if the server did not respond.
    pub status: Option<u16>,
    /// Time to wait before the next request, as stated by the server; `None` if not stated.
    pub retry_after: Option<Duration>,
}

impl ErrorKind {
    /// Returns whether the same request may succeed later.
    #[must_use]
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::Overloaded | Self::RateLimited | Self::ServerError | Self::Timeout | Self::CutOff)
    }

    /// Returns whether the error contradicts what the catalog states about the endpoint or the model. Errors caused by the key, the message or
    /// the network do not contradict it.
    #[must_use]
    pub fn contradicts_catalog(self) -> bool {
        matches!(self, Self::WrongBaseUrl | Self::WrongProtocol | Self::ModelUnknown)
    }

    /// Returns whether the request can be retried automatically: the server was too busy and has not processed it.
    #[must_use]
    pub fn is_overload(self) -> bool {
        matches!(self, Self::Overloaded | Self::RateLimited)
    }
}

impl ClientError {
    /// Creates an error without a server response.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), status: None, retry_after: None }
    }

    /// Masks `secret` and everything that looks like a key in the message.
    #[must_use]
    pub fn redacted(mut self, secret: Option<&Secret>) -> Self {
        self.message = redact_text(&self.message, secret);
        self
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for ClientError {
    /// Writes the message and the next step in one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.message, self.kind.next_step())?;
        match self.retry_after {
            Some(wait) if wait > Duration::ZERO => write!(f, " (retry after {} s)", wait.as_secs().max(1)),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientError({}: {})", self.kind, self.message)
    }
}

impl std::error::Error for ClientError {}
