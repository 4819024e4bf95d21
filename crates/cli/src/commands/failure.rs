//! How a command fails, and the exit code that says so: 1 when something is wrong with what it found, 2 when it was asked wrongly.

use super::out;
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
    /// The answer could not be written. Exit code 1, but 0 when whoever read it had read enough.
    Write(io::Error),
}

impl Failure {
    /// Tells the reason on stderr and returns the exit code.
    pub(crate) fn tell(self) -> ExitCode {
        match self {
            Self::Reported => ExitCode::FAILURE,
            Self::Failed(reason) | Self::Unknown(reason) => {
                out::error(&reason);
                ExitCode::FAILURE
            }
            Self::Usage(reason) => {
                out::error(&reason);
                ExitCode::from(2)
            }
            Self::Cancelled(reason) => {
                out::error(&reason);
                ExitCode::from(130)
            }
            Self::Write(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Self::Write(error) => {
                out::error(&format!("the answer cannot be written: {error}"));
                ExitCode::FAILURE
            }
        }
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

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Write(error.into())
    }
}
