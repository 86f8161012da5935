//! STS (Query and XML): `GetCallerIdentity`, `GetAccessKeyInfo` and `AssumeRoot`.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html>

use chrono::Duration;
use serde_json::{Value, json};

use crate::{
    protocol::{error::AwsError, operation::Operation, query::timestamp},
    services::admitted_request::AdmittedRequest,
    state::{
        account::Credentials,
        signer::{Principal, RootSession, TaskPolicy},
        world::State,
    },
};

/// The maximum duration of a session and the default, in seconds.
const LONGEST: i64 = 900;

/// Answers one operation.
pub(crate) fn answer(state: &mut State, admitted: &AdmittedRequest) -> Result<Value, AwsError> {
    match admitted.operation {
        Operation::AssumeRoot => {
            let session = assume_root(state, admitted)?;
            let keys = &session.credentials;
            Ok(json!({ "Credentials": {
                "AccessKeyId": keys.access_key_id,
                "SecretAccessKey": keys.secret_access_key,
                "SessionToken": keys.session_token,
                "Expiration": timestamp(session.expires_at),
            } }))
        }
        Operation::GetAccessKeyInfo => access_key_info(state, admitted),
        _ => {
            let user = match admitted.signer.principal {
                Principal::Role => "AROALOCALAWS:root-access-key-rule",
                _ => admitted.caller(),
            };
            let arn = admitted.signer.arn();
            Ok(json!({ "Arn": arn, "UserId": user, "Account": admitted.caller() }))
        }
    }
}

/// The account of a key, which AWS knows for deleted keys too.
fn access_key_info(state: &State, admitted: &AdmittedRequest) -> Result<Value, AwsError> {
    let key = admitted.text("AccessKeyId");
    if !(16..=128).contains(&key.chars().count()) {
        return Err(invalid("accessKeyId must have 16 to 128 characters"));
    }
    let sessions = state.root_sessions.iter();
    let of_sessions = sessions.map(|it| (&it.account, it.credentials.access_key_id.clone()));
    let accounts = state.accounts.values().map(|held| &held.account);
    let of_accounts = accounts.flat_map(|it| {
        let role = it.credentials().access_key_id;
        [role, it.root_key_id(0), it.root_key_id(1)].map(|id| (&it.id, id))
    });
    let mut all = of_sessions.chain(of_accounts);
    let account = all.find(|(_, id)| id == key).map(|(account, _)| account);
    let account =
        account.ok_or_else(|| invalid("accessKeyId belongs to no account in the emulator"))?;
    Ok(json!({ "Account": account }))
}

fn assume_root(state: &mut State, admitted: &AdmittedRequest) -> Result<RootSession, AwsError> {
    let account = account_of(admitted.text("TargetPrincipal"))?;
    let policy = TaskPolicy::of_arn(admitted.text("TaskPolicyArn.arn"))
        .ok_or_else(|| invalid("taskPolicyArn is not a task policy of AssumeRoot"))?;
    let duration = match admitted.text("DurationSeconds") {
        "" => LONGEST,
        text => text.parse().unwrap_or(-1),
    };
    if !(0..=LONGEST).contains(&duration) {
        return Err(invalid("durationSeconds must be between 0 and 900"));
    }
    let organization = state.organization.as_ref();
    let may = admitted.signer.principal == Principal::Role
        && organization.is_some_and(|it| it.lets_root_be_assumed(admitted.caller(), account));
    if !may {
        let message = format!(
            "User: {} is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::{account}:root",
            admitted.signer.arn()
        );
        return Err(AwsError::new(403, "AccessDenied", message));
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
        let why = "targetPrincipal is neither an account id nor a root user's ARN";
        Err(invalid(why))
    }
}

fn invalid(why: &str) -> AwsError {
    let message = format!("1 validation error detected: {why}");
    AwsError::bad_request("ValidationError", message)
}
