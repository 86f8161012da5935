//! Converts the error of a failed run to Lambda's form.

use lambda_runtime::Diagnostic;

use crate::error::RunError;

/// Returns the error type and message that Lambda records and sends to the on-failure
/// destination.
#[must_use]
pub(crate) fn diagnostic(error: &impl RunError) -> Diagnostic {
    Diagnostic {
        error_type: error.error_type().to_owned(),
        error_message: error.message().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ErrorKind, RuleError};

    #[test]
    fn lambda_records_the_error_type_and_the_whole_message() {
        let recorded = diagnostic(&RuleError::new(ErrorKind::WrongAccount, "why"));
        assert_eq!(recorded.error_type, "WrongAccount");
        assert_eq!(recorded.error_message, "why");
    }
}
