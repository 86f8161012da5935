//! From an SDK error to the class and the cause of a failed call.

use std::error::Error;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use root_access_key_rule::aws::failure::CallFailure;

/// Classifies the error of a call and puts its cause in one line.
///
/// After [`show_causes_on_stderr`], also writes the SDK's own chain of causes to
/// standard error.
pub fn call_failure<E>(error: &SdkError<E, HttpResponse>) -> CallFailure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    show_causes(error);
    CallFailure::of(error)
}

static VERBOSE: AtomicBool = AtomicBool::new(false);

/// Writes the SDK's causes of every failed call to standard error from now on.
pub fn show_causes_on_stderr() {
    VERBOSE.store(true, Ordering::Relaxed);
}

/// Shows the chain of causes, one a line, if that is requested. `Display` alone: the
/// SDK's `Debug` holds raw requests and responses.
pub fn show_causes(error: &dyn Error) {
    if !VERBOSE.load(Ordering::Relaxed) {
        return;
    }
    let mut next = Some(error);
    while let Some(cause) = next {
        let line = cause.to_string().replace(char::is_control, " ");
        let _ = writeln!(io::stderr(), "root-keys: caused by: {line}");
        next = cause.source();
    }
}

/// Shows the SDK's causes of a call that the function's crate makes, which returns
/// its own words.
#[derive(Debug)]
pub(super) struct ShowCauses;

impl Intercept for ShowCauses {
    fn name(&self) -> &'static str {
        "ShowCauses"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(Err(error)) = context.output_or_error() {
            let mut cause = error.source();
            if let Some(connector) = error.as_connector_error() {
                cause = Some(connector);
            }
            if let Some(cause) = cause {
                show_causes(cause);
            }
        }
        Ok(())
    }
}
