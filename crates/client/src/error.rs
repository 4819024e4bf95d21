//! Errors of requests: a stable [`ErrorKind`] for programs, a message, and the next step for the user.

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
            /// Returns the code of this cause, such as `rate-limited`. Codes are stable, so that programs can rely on them.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $code,)+
                }
            }

            /// Returns the next step for the user, which is printed after the error message.
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
    /// The API is not at the requested URL: the server returned 404, a web page, or a redirect to another host.
    WrongBaseUrl, "wrong-base-url", "compare the `base_url` of the endpoint with the provider's documentation";
    /// The server rejected the key.
    KeyRejected, "key-rejected", "check that the key is complete, belongs to this provider and region, and has not been revoked";
    /// No credential was found.
    NoKey, "no-key", "set the environment variable, or store the key with `modeldex config set env.NAME -`, where NAME is the variable and `-` reads the key from stdin";
    /// The server does not offer the model, or the account of the key has no access to the model.
    ModelUnknown, "model-unknown", "check the model id, and whether the account of the key has access to the model";
    /// The server is overloaded. The error is temporary, and the user's configuration is not the cause.
    Overloaded, "overloaded", "the overload is temporary, and your configuration is not the cause: try again later";
    /// The account or key exceeded its rate limit. The error is temporary.
    RateLimited, "rate-limited",
        "the rate limit is temporary, and your configuration is not the cause: send fewer requests at once, or try again later";
    /// The account has no credit left, or has reached its spending limit.
    Quota, "quota", "add credit to your account at the provider, or raise the spending limit of the account";
    /// The server at the base URL does not use the wire protocol that the catalog states for the endpoint.
    WrongProtocol, "wrong-protocol",
        "set `api` of the endpoint to the wire protocol that this server uses, or set `base_url` to the provider's URL for the current `api`";
    /// The request has more tokens than the model accepts.
    ContextOverflow, "context-overflow", "shorten the message, or use a model with a larger context window";
    /// The server rejected the content of the request.
    Refused, "refused", "correct the part of the request that the server's message names";
    /// The server failed to process the request, for example with status 500. The error is often temporary.
    ServerError, "server-error", "failures of a server are often temporary: try again later";
    /// No TLS connection could be established.
    Tls, "tls", "check whether the URL should begin with https, whether this machine's clock is right, and whether a proxy intercepts TLS";
    /// The host name of the URL could not be resolved.
    Dns, "dns", "check the spelling of the host name, and the network connection of this machine";
    /// No server listens at the address, or the connection broke before the server sent a response.
    Unreachable, "unreachable", "check that the server runs at this address and port, and that no firewall or proxy blocks the connection";
    /// The server sent no response, or no complete response, before a timeout.
    Timeout, "timeout", "try again later, or set a longer `--timeout`";
    /// The response ended before it was complete.
    CutOff, "cut-off", "try again; the text received so far may be incomplete";
    /// The response does not follow the wire protocol of the endpoint.
    BadAnswer, "bad-answer", "check `base_url` and `api` of the endpoint: another service may respond at this URL";
    /// This client does not support the wire protocol or the authentication method of the endpoint.
    Unsupported, "unsupported", "use the provider's own tool, or another endpoint of the provider";
    /// The request was cancelled.
    Cancelled, "cancelled", "no further request is sent";
}

/// Error of a request.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientError {
    /// Cause of the error. The cause determines the next step.
    pub kind: ErrorKind,
    /// Description of the failure in one line, without secrets.
    pub message: String,
    /// HTTP status code of the response; `None` if the error does not concern a response.
    pub status: Option<u16>,
    /// Time that the server asks clients to wait before the next request; `None` if the server states no time.
    pub retry_after: Option<Duration>,
}

impl ErrorKind {
    /// Returns whether the same request may succeed later without any change.
    #[must_use]
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::Overloaded | Self::RateLimited | Self::ServerError | Self::Timeout | Self::CutOff)
    }

    /// Returns whether the error shows that the catalog states a wrong base URL, wire protocol or model id. Errors that are caused by the key, the
    /// message or the network do not contradict the catalog.
    #[must_use]
    pub fn contradicts_catalog(self) -> bool {
        matches!(self, Self::WrongBaseUrl | Self::WrongProtocol | Self::ModelUnknown)
    }

    /// Returns whether the server refused the request because of overload or a rate limit. The server has not processed such a request, so the
    /// request can be retried automatically.
    #[must_use]
    pub fn is_overload(self) -> bool {
        matches!(self, Self::Overloaded | Self::RateLimited)
    }
}

impl ClientError {
    /// Creates an error that does not concern a response: `status` and `retry_after` are `None`.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), status: None, retry_after: None }
    }

    /// Masks `secret` and everything that looks like a key in the message of the error, and returns the error.
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
    /// Writes one line: the message, the next step, and the time to wait if the server states a time.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.message, self.kind.next_step())?;
        match self.retry_after {
            Some(wait) if wait > Duration::ZERO => write!(f, " (retry after {seconds} s)", seconds = wait.as_secs().max(1)),
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
