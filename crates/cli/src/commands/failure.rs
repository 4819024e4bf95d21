//! Failures of commands and their exit codes: 1 failure or not found, 2 usage error, 130 interrupted.

use super::out;
use modeldex_client::error::{ClientError, ErrorKind};
use modeldex_table::UnknownModel;
use std::io;
use std::process::ExitCode;

/// The reason why a command failed. Each variant has an exit code.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command has already printed the reason, for example as a report. Exit code 1.
    #[error("")]
    Reported,
    /// Invalid or missing data. Exit code 1.
    #[error("{0}")]
    Failed(String),
    /// A reference or an id is not in the catalog. Exit code 1.
    #[error("{0}")]
    Unknown(String),
    /// Invalid arguments, or an argument that names an unreadable folder. Exit code 2.
    #[error("{0}")]
    Usage(String),
    /// Interrupted by Ctrl-C. Exit code 130, as in shells.
    #[error("{0}")]
    Cancelled(String),
    /// A request to a server failed. Exit code 1, but 130 if the request was cancelled.
    #[error("{}", out::printable(&.0.to_string()))]
    Problem(#[from] ClientError),
    /// Stdout could not be written. Exit code 1, but 0 if stdout is a pipe that was closed. An error about a file is a [`Failure::Failed`].
    #[error("cannot write the output: {0}")]
    Write(#[from] io::Error),
}

impl Failure {
    /// Prints the error to stderr and returns the exit code.
    pub(crate) fn report(self) -> ExitCode {
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
