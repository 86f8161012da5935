//! What every call to AWS shares: who calls, how a failed call becomes a message,
//! and which responses count.
//!
//! | file | what is in it |
//! |---|---|
//! | `caller` | the credentials and the region, to whom AWS says they belong, and the clients of AWS services |
//! | `sdk_config` | timeouts and retries |
//! | `call` | from an SDK error to its class and cause; the causes that `--verbose` shows |
//! | `next_step` | what to do after a failed call |
//! | `time` | converts times of the SDK |
//! | `truncated_response` | rejects a response that was cut short |

pub mod call;
pub mod caller;
pub mod next_step;
pub mod sdk_config;
pub mod time;
pub mod truncated_response;
