//! A local AWS emulator on loopback, true to the wire.
//!
//! [`LocalAws`] emulates IAM, STS and CloudFormation (Query and XML), AWS
//! Config and Organizations (JSON 1.1), and Amazon S3 (REST), each on its own port, for any number of
//! accounts, which it identifies by the signing credentials. It rejects what AWS
//! rejects, records every request, and injects faults on request. One more port rejects every
//! other AWS service. [`RuntimeApi`] is the Lambda Runtime API, and
//! [`FunctionProcess`] is a function's real binary that runs against it.
//!
//! | folder or file | what is in it |
//! |---|---|
//! | `protocol` | sockets, TLS, signatures, Query XML, JSON 1.1, REST, paging, faults: no account is known here |
//! | `state` | what exists: accounts, root keys, rules, results, the organization and its rollout |
//! | `services` | what each AWS service responds and rejects, one folder or file each |
//! | `lambda` | the Runtime API and the function's process |
//! | `dispatch` | one request's path through all of these |
//! | `emulator`, `environment` | the emulator as tests and commands use it: ports, clock, requests |
//! | `accounts`, `buckets` | what a test puts into the accounts, the organization and the buckets |
//!
//! Each module imports only modules above it in this table. The exception is `lambda`, which
//! `state` and the modules below it import.

mod accounts;
mod buckets;
mod dispatch;
mod emulator;
mod environment;
mod lambda;
mod protocol;
mod services;
mod state;

pub use emulator::{Connections, LocalAws};
pub use environment::lambda_environment;
pub use lambda::{
    function_process::{Environment, FunctionProcess},
    runtime_api::{FunctionError, Invocation, Outcome, RuntimeApi},
};
pub use protocol::{
    fault::{Fault, Framing, garble},
    operation::{Operation, Service},
    request::Request,
    signature::Signature,
};
pub use services::iam::{account_summary::summary_answer, credential_report::report_answer};
pub use state::{
    account::{Account, Credentials, LastUse, Report, RootKey, days_ago, default_time},
    evaluation::Evaluation,
    organization::{Member, Organization},
    policy::ServiceControlPolicy,
    rollout::{
        Aggregator, NO_RECORDER, OrganizationPack, PackInstance, StackInstance, StackSet,
        StackSetOperation,
    },
    rule::{ConfigRule, RULE_NAME, pack_rule, scheduled_event},
};
