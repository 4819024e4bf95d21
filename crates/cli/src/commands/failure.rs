//! How a command fails, and the exit code that says so: 1 when something is wrong with what it found, 2 when it was asked wrongly.

use super::out;
use modeldex_client::problem::{Kind, Problem};
use modeldex_table::UnknownModel;
use std::io;
use std::process::ExitCode;

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The reason has been told already, as by a report. Exit code 1.
    Reported,
    /// What was asked for is not there or not right. Exit code 1.
    Failed(String),
    /// A reference or an id that nothing in the catalog has. Exit code 1.
    Unknown(String),
    /// The arguments make no sense, or name a folder that cannot be read. Exit code 2.
    Usage(String),
    /// It was called off with Ctrl-C. Exit code 130, as shells have it.
    Cancelled(String),
    /// A request to a server failed. Exit code 1, but 130 when it was cancelled.
    Problem(Problem),
    /// The answer could not be written. Exit code 1, but 0 when whoever read it had read enough.
    Write(io::Error),
}

impl Failure {
    /// Tells the reason on stderr and returns the exit code.
    pub(crate) fn tell(self) -> ExitCode {
        let (code, reason) = match self {
            Self::Reported => return ExitCode::FAILURE,
            Self::Write(error) if error.kind() == io::ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
            Self::Write(error) => (1, format!("the answer cannot be written: {error}")),
            Self::Failed(reason) | Self::Unknown(reason) => (1, reason),
            Self::Problem(problem) if problem.kind != Kind::Cancelled => (1, out::printable(&problem.to_string()).into_owned()),
            Self::Problem(problem) => (130, out::printable(&problem.to_string()).into_owned()),
            Self::Usage(reason) => (2, reason),
            Self::Cancelled(reason) => (130, reason),
        };
        out::error(&reason);
        ExitCode::from(code)
    }
}

/// Only for errors of stdout; those of files are told with their path, as [`Failure::Failed`].
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
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

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Write(error.into())
    }
}
