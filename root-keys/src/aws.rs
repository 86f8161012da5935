//! What every call to AWS shares: who calls, how a failed call becomes a message,
//! and which responses count.
//!
//! | file | what is in it |
//! |---|---|
//! | `operator` | the credentials and the region, and to whom AWS says they belong |
//! | `call` | from an SDK error to its class and cause; the causes that `--verbose` shows |
//! | `next_step` | what to do after a failed call |
//! | `complete_response` | rejects a response that was cut short |

pub mod call;
pub mod complete_response;
pub mod next_step;
pub mod operator;
