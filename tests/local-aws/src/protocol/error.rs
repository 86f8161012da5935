//! An error of AWS: what a service responds when it rejects a request or fails.

/// An error as a service words it; [`Reply`](super::reply::Reply) puts it into the service's protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AwsError {
    pub status: u16,
    pub code: String,
    pub message: String,
}

impl AwsError {
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
        }
    }

    /// An error with status 400, as most errors have.
    pub fn bad_request(code: &str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    /// The error of the first condition that does not hold: its code and message, with status 400.
    pub fn of_first_broken<const N: usize>(
        conditions: [(bool, &str, &str); N],
    ) -> Result<(), Self> {
        let broken = conditions.into_iter().find(|(holds, ..)| !holds);
        broken.map_or(Ok(()), |(_, code, message)| {
            Err(Self::bad_request(code, message))
        })
    }
}
