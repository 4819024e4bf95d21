//! How a command fails, and the exit code that says so: 1 when something is wrong with what it found, 2 when it was asked wrongly.

use super::out;
use modeldex_client::error::{ClientError, ErrorKind};
use modeldex_table::UnknownModel;
use std::io;
use std::process::ExitCode;

/// Why a command did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The reason has been told already, as by a report. Exit code 1.
    #[error("")]
    Reported,
    /// What was asked for is not there or not right. Exit code 1.
    #[error("{0}")]
    Failed(String),
    /// A reference or an id that nothing in the catalog has. Exit code 1.
    #[error("{0}")]
    Unknown(String),
    /// The arguments make no sense, or name a folder that cannot be read. Exit code 2.
    #[error("{0}")]
    Usage(String),
    /// It was called off with Ctrl-C. Exit code 130, as shells have it.
    #[error("{0}")]
    Cancelled(String),
    /// A request to a server failed. Exit code 1, but 130 when it was cancelled.
    #[error("{}", out::printable(&.0.to_string()))]
    Problem(#[from] ClientError),
    /// The answer could not be written; errors of files are [`Failure::Failed`], with their path. Exit code 1, but 0 when the pipe
    /// was closed.
    #[error("the answer cannot be written: {0}")]
    Write(#[from] io::Error),
}

impl Failure {
    /// Tells the reason on stderr and returns the exit code.
    pub(crate) fn tell(self) -> ExitCode {
        let code = match &self {
            Self::Reported => return ExitCode::FAILURE,
            Self::Write(error) if error.kind() == io::ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
            Self::Cancelled(_) => 130,
            Self::Problem(problem) if problem.kind == ErrorKind::Cancelled => 130,
            Self::Usage(_) => 2,
            Self::Failed(_) | Self::Unknown(_) | Self::Problem(_) | Self::Write(_) => 1,
        };
        out::error(&self.to_string());
        ExitCode::from(code)
    }
}

impl From<crate::config::ConfigError> for Failure {
    fn from(error: crate::config::ConfigError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<UnknownModel<'_>> for Failure {
    fn from(unknown: UnknownModel<'_>) -> Self {
        Self::Unknown(out::printable(&unknown.to_string()).into_owned())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Write(error.into())
    }
}
