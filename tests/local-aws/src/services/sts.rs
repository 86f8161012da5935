//! STS: who one is, and becoming another account's root user for one task.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html>

use chrono::{Duration, SecondsFormat};
use serde_json::Value;

use crate::{
    protocol::error::AwsError,
    protocol::operation::{Operation, Service},
    protocol::query::{parent, response, text},
    state::account::Credentials,
    state::signer::{Principal, RootSession, Signer, TaskPolicy},
    state::world::State,
};

/// The longest a session can last, and how long one lasts unless said otherwise.
const LONGEST: i64 = 900;

pub(crate) fn answer(
    state: &mut State,
    signer: &Signer,
    operation: Operation,
    parameters: &Value,
    request_id: &str,
) -> Result<String, AwsError> {
    match operation {
        Operation::AssumeRoot => {
            assume_root(state, signer, parameters).map(|session| credentials(&session, request_id))
        }
        Operation::GetAccessKeyInfo => access_key_info(state, parameters, request_id),
        _ => Ok(caller_identity(signer, request_id)),
    }
}

/// The account that a key belongs or belonged to: its id says so, for deleted keys too.
fn access_key_info(state: &State, parameters: &Value, id: &str) -> Result<String, AwsError> {
    let key = parameters["AccessKeyId"].as_str().unwrap_or_default();
    let length = key.chars().count();
    if !(16..=128).contains(&length) {
        return Err(invalid("accessKeyId has not 16 to 128 characters"));
    }
    let mut sessions = state.root_sessions.iter();
    let session = sessions.find(|session| session.credentials.access_key_id == key);
    let of_session = session.map(|session| session.account.as_str());
    let mut accounts = state.accounts.values().map(|held| &held.account);
    let account = of_session.or_else(|| {
        let owner = accounts.find(|account| {
            let own = [account.root_key_id(0), account.root_key_id(1)];
            own.iter().any(|own| own == key) || account.credentials().access_key_id == key
        });
        owner.map(|account| account.id.as_str())
    });
    let account = account.ok_or_else(|| invalid("accessKeyId is of no account here"))?;
    Ok(response(Service::Sts, "GetAccessKeyInfo", id, |result| {
        text(result, "Account", account);
    }))
}

fn caller_identity(signer: &Signer, request_id: &str) -> String {
    response(Service::Sts, "GetCallerIdentity", request_id, |result| {
        text(result, "Arn", &signer.arn());
        let user = match signer.principal {
            Principal::Role => "AROALOCALAWS:root-access-key-rule",
            _ => &signer.account,
        };
        text(result, "UserId", user);
        text(result, "Account", &signer.account);
    })
}

fn assume_root(
    state: &mut State,
    signer: &Signer,
    parameters: &Value,
) -> Result<RootSession, AwsError> {
    let field = |name: &str| parameters[name].as_str().unwrap_or_default();
    let account = account_of(field("TargetPrincipal"))?;
    let policy = TaskPolicy::of_arn(field("TaskPolicyArn.arn"))
        .ok_or_else(|| invalid("taskPolicyArn is no policy of AssumeRoot"))?;
    let duration = match field("DurationSeconds") {
        "" => LONGEST,
        text => text.parse().unwrap_or(-1),
    };
    if !(0..=LONGEST).contains(&duration) {
        return Err(invalid("durationSeconds must be between 0 and 900"));
    }
    let organization = state.organization.as_ref();
    let may = signer.principal == Principal::Role
        && organization.is_some_and(|org| org.lets_root_be_assumed(&signer.account, account));
    if !may {
        return Err(denied(signer, account));
    }
    let expires_at = state.now() + Duration::seconds(duration);
    let number = state.root_sessions.len() + 1;
    let session = RootSession {
        account: account.to_owned(),
        policy,
        credentials: Credentials {
            access_key_id: format!("ASIAROOT{number:0>12}"),
            secret_access_key: format!("{:/<40}", format!("local-aws/root/of/{account}")),
            session_token: format!("local-aws-root-session-{number}-of-{account}"),
        },
        expires_at,
    };
    state.root_sessions.push(session.clone());
    Ok(session)
}

/// The target is an account id or the ARN of its root user.
fn account_of(target: &str) -> Result<&str, AwsError> {
    let account = match target.split_once(":iam::") {
        Some((_, rest)) => rest.strip_suffix(":root").unwrap_or_default(),
        None => target,
    };
    if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(account)
    } else {
        Err(invalid(
            "targetPrincipal is neither an account id nor a root user's ARN",
        ))
    }
}

fn credentials(session: &RootSession, request_id: &str) -> String {
    response(Service::Sts, "AssumeRoot", request_id, |result| {
        parent(result, "Credentials", |keys| {
            text(keys, "AccessKeyId", &session.credentials.access_key_id);
            text(
                keys,
                "SecretAccessKey",
                &session.credentials.secret_access_key,
            );
            text(keys, "SessionToken", &session.credentials.session_token);
            let expires_at = session
                .expires_at
                .to_rfc3339_opts(SecondsFormat::Secs, true);
            text(keys, "Expiration", &expires_at);
        });
    })
}

fn invalid(why: &str) -> AwsError {
    let message = format!("1 validation error detected: {why}");
    AwsError::new(400, "ValidationError", message)
}

fn denied(signer: &Signer, account: &str) -> AwsError {
    let message = format!(
        "User: {} is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::{account}:root",
        signer.arn()
    );
    AwsError::new(403, "AccessDenied", message)
}
