//! The fault behind an answer, for the one log line of its request.

use std::sync::{Arc, OnceLock};

use cnop_api::{Code, Problem};

/// The first internal or dependency fault of a request, in the request's extensions. A handler whose response
/// does not carry the problem, such as a page, records it here; [`crate::ProblemRejection`] needs no record.
#[derive(Debug, Clone, Default)]
pub struct FaultNote(Arc<OnceLock<Fault>>);

/// A fault as the log shows it.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    pub(crate) cause: Box<str>,
}

impl FaultNote {
    /// Notes the cause of a problem, if it has one and none was noted before.
    pub fn note(&self, problem: &Problem) {
        if let Some(cause) = &problem.cause {
            // A later fault follows from the first one, or repeats it.
            let _ = self.0.set(Fault { code: problem.code, cause: cause.clone() });
        }
    }

    pub(crate) fn get(&self) -> Option<&Fault> {
        self.0.get()
    }
}

impl Fault {
    /// Returns true if it is a defect or damage, rather than a dependency that is away.
    pub(crate) const fn is_defect(&self) -> bool {
        matches!(self.code, Code::Internal | Code::LedgerInvariant)
    }
}
