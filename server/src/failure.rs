//! Errors that end the program: one sentence for a person and an exit code for a script.

use std::process::ExitCode;

/// Kinds of errors that a script can distinguish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Something failed, or a check found differences. Exit code 1.
    Failed,
    /// The command or the configuration is wrong, or the store is in use. Exit code 2.
    Refused,
}

/// The program's last words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Failure {
    /// Kind, which decides the exit code.
    pub kind: FailureKind,
    /// One sentence about the error and its remedy. Never a secret.
    pub sentence: String,
}

impl Failure {
    /// Something did not work: exit code 1.
    pub fn failed(sentence: impl Into<String>) -> Self {
        Self { kind: FailureKind::Failed, sentence: sentence.into() }
    }

    /// The request cannot be fulfilled: exit code 2.
    pub fn refused(sentence: impl Into<String>) -> Self {
        Self { kind: FailureKind::Refused, sentence: sentence.into() }
    }

    /// The process' exit code.
    #[must_use]
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self.kind {
            FailureKind::Failed => 1,
            FailureKind::Refused => 2,
        })
    }
}

/// An error with its causes, in one line: for the log and for a failure's sentence.
#[must_use]
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        let next = source.to_string();
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = source.source();
    }
    text
}
