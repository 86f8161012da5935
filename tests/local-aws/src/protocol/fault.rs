//! The faults that a test can inject into requests.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::protocol::operation::Operation;

/// One way for a request to go wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Throttled: `Throttling` (IAM), `ThrottlingException` (AWS Config); status 400.
    Throttle,
    /// The service failed with this status, for example 500 or 503.
    ServerError(u16),
    /// Rejected because a permission is missing.
    Denied,
    /// Rejected with any error.
    AwsError {
        /// HTTP status.
        status: u16,
        /// AWS's error code, for example `ValidationException`.
        code: String,
        /// AWS's message.
        message: String,
    },
    /// No response; the connection stays open until the client closes it.
    Hang,
    /// The correct response, sent after that time.
    Slow(Duration),
    /// The connection is reset before the request is processed.
    ResetBeforeAnswer,
    /// Processed; the connection is reset after this many bytes of the correct response's body.
    ResetDuringAnswer(usize),
    /// Processed (AWS Config stores the evaluations), and the response is lost by a reset.
    AcceptThenReset,
    /// The correct response's body ends after that many bytes, and the connection is closed without a reset.
    Cut {
        /// How many bytes of the body are sent.
        bytes: usize,
        /// How the end of the body is marked.
        framing: Framing,
    },
    /// The correct response with some bytes of its body changed: at each offset, the bits of the mask
    /// are flipped. Offsets past its end have no effect.
    Garbled(Vec<(usize, u8)>),
    /// The correct response with another content type.
    ContentType(String),
    /// This response instead of the correct one, with AWS's request ID.
    Body {
        /// HTTP status.
        status: u16,
        /// The `content-type` header.
        content_type: String,
        /// Any bytes.
        body: Vec<u8>,
    },
    /// This response from something between the client and AWS, without a request ID.
    Foreign {
        /// HTTP status.
        status: u16,
        /// The `content-type` header.
        content_type: String,
        /// Any bytes.
        body: Vec<u8>,
    },
    /// The correct response without the header `x-amzn-requestid`.
    WithoutRequestId,
    /// `PutEvaluations` responds with status 200 and returns every evaluation as failed.
    FailedEvaluations,
}

/// How the end of a body is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// `content-length` is the length of what is sent.
    MatchingLength,
    /// `content-length` is the length of the complete response.
    PromisedLength,
    /// No length: HTTP/1.0, the body ends where the connection does.
    CloseDelimited,
}

impl Fault {
    /// A response with that body, in IAM's content type.
    #[must_use]
    pub fn xml(body: impl Into<Vec<u8>>) -> Self {
        Self::Body {
            status: 200,
            content_type: "text/xml".to_owned(),
            body: body.into(),
        }
    }

    /// A response with that body, in AWS Config's content type.
    #[must_use]
    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::Body {
            status: 200,
            content_type: "application/x-amz-json-1.1".to_owned(),
            body: body.into(),
        }
    }

    /// An error with that status and AWS error code.
    #[must_use]
    pub fn aws_error(status: u16, code: &str, message: &str) -> Self {
        Self::AwsError {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
        }
    }
}

/// Flips the bits of each mask in the byte at its offset.
pub fn garble(body: &mut [u8], flips: &[(usize, u8)]) {
    for (place, mask) in flips {
        if let Some(byte) = body.get_mut(*place) {
            *byte ^= mask;
        }
    }
}

/// A fault of the requests in which a parameter has that value.
#[derive(Debug)]
pub(crate) struct FaultAbout {
    pub operation: Operation,
    pub value: String,
    /// How many more requests it is injected into.
    pub times: usize,
    pub fault: Fault,
}

/// A rate of requests; those beyond it are throttled.
#[derive(Debug)]
pub(crate) struct Rate {
    per_second: f64,
    burst: f64,
    /// How many requests are admitted at that time.
    left: f64,
    at: Instant,
}

impl Rate {
    pub fn new(per_second: u32, burst: u32) -> Self {
        Self {
            per_second: per_second.into(),
            burst: burst.into(),
            left: burst.into(),
            at: Instant::now(),
        }
    }

    /// Whether one more request is admitted now.
    fn admits(&mut self) -> bool {
        let now = Instant::now();
        let earned = now.duration_since(self.at).as_secs_f64() * self.per_second;
        self.left = (self.left + earned).min(self.burst);
        self.at = now;
        let admitted = self.left >= 1.0;
        self.left -= f64::from(u8::from(admitted));
        admitted
    }
}

/// The faults of one account.
#[derive(Default, Debug)]
pub(crate) struct Faults {
    rates: HashMap<Operation, Rate>,
    about: Vec<FaultAbout>,
    once: HashMap<Operation, VecDeque<Fault>>,
    always: HashMap<Operation, Fault>,
}

impl Faults {
    pub fn once(&mut self, operation: Operation, fault: Fault) {
        self.once.entry(operation).or_default().push_back(fault);
    }

    pub fn always(&mut self, operation: Operation, fault: Fault) {
        self.always.insert(operation, fault);
    }

    pub fn rate(&mut self, operation: Operation, rate: Rate) {
        self.rates.insert(operation, rate);
    }

    pub fn about(&mut self, fault: FaultAbout) {
        self.about.push(fault);
    }

    /// The fault for this request: one about a value in it, or else the oldest queued
    /// fault, or else the permanent one.
    pub fn next(&mut self, operation: Operation, parameters: &Value) -> Option<Fault> {
        let rate = self.rates.get_mut(&operation);
        if rate.is_some_and(|rate| !rate.admits()) {
            return Some(Fault::Throttle);
        }
        let about = self.about.iter_mut().find(|it| {
            it.operation == operation && it.times > 0 && has_value(parameters, &it.value)
        });
        if let Some(about) = about {
            about.times -= 1;
            return Some(about.fault.clone());
        }
        let queued = self.once.get_mut(&operation).and_then(VecDeque::pop_front);
        queued.or_else(|| self.always.get(&operation).cloned())
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

fn has_value(parameters: &Value, value: &str) -> bool {
    match parameters {
        Value::Object(fields) => fields.values().any(|it| has_value(it, value)),
        Value::Array(items) => items.iter().any(|it| has_value(it, value)),
        single => single == value,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Rate;

    #[test]
    fn a_pause_earns_no_more_than_a_burst() {
        let mut rate = Rate::new(1, 2);
        rate.at -= Duration::from_secs(10);
        let admitted = [rate.admits(), rate.admits(), rate.admits()];
        assert_eq!(admitted, [true, true, false]);
    }
}
