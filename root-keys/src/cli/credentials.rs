//! Finds credentials and region where the AWS CLI finds them
//! (<https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>).

use std::env;

use aws_config::identity::IdentityCache;
use aws_config::profile;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_smithy_http_client::Builder as HttpClient;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_types::os_shim_internal::{Env, Fs};
use root_access_key_rule::aws::sdk_config;
use root_keys::aws::call::show_causes;
use root_keys::aws::caller::Caller;
use root_keys::aws::next_step::{self, Profile};
use root_keys::failure::Failure;

/// Finds credentials and region, and asks STS to whom the credentials belong.
///
/// # Errors
/// When the profile or the region does not exist, there are no credentials, or STS
/// cannot be reached or does not accept them.
pub async fn caller() -> Result<Caller, Failure> {
    check_endpoints()?;
    let profile = profile();
    if let Some((variable, name)) = &profile {
        check_profile(variable, name).await?;
    }
    let sdk = sdk_config(profile.map(|(_, name)| name)).await;
    check_region(sdk.region().map(AsRef::as_ref))?;
    Caller::new(sdk).await
}

/// The variable that names the profile, and the name. The AWS CLI looks at
/// `AWS_DEFAULT_PROFILE` first (`profile` in botocore/configprovider.py), the SDK
/// at `AWS_PROFILE` alone.
fn profile() -> Option<(&'static str, String)> {
    let of = |variable| Some((variable, env::var(variable).ok()?));
    ["AWS_DEFAULT_PROFILE", "AWS_PROFILE"]
        .into_iter()
        .filter_map(of)
        .find(|(_, name)| !name.is_empty())
}

/// The SDK panics at an endpoint that is set and empty.
fn check_endpoints() -> Result<(), Failure> {
    let empty = env::vars_os().find_map(|(name, value)| {
        let name = name.into_string().ok()?;
        (name.starts_with("AWS_ENDPOINT_URL") && value.is_empty()).then_some(name)
    });
    match empty {
        None => Ok(()),
        Some(name) => Err(Failure::new(format!(
            "{name} is set but empty; remove it: `unset {name}`"
        ))),
    }
}

async fn sdk_config(profile: Option<String>) -> SdkConfig {
    let http_client = HttpClient::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client);
    if let Some(name) = profile {
        loader = loader.profile_name(name);
    }
    let found = loader.load().await;
    // The function signs with what Lambda gives it and keeps nothing; here each
    // attempt to get credentials may start a process or call SSO.
    sdk_config::with_limits(found.into_builder())
        .identity_cache(IdentityCache::lazy().build())
        .build()
}

/// Checks that the profile that the variable names exists. The SDK would look for
/// credentials elsewhere, and its error would be about those.
async fn check_profile(variable: &str, name: &str) -> Result<(), Failure> {
    let files = EnvConfigFiles::default();
    let profiles = profile::load(&Fs::real(), &Env::real(), &files, None).await;
    let profiles = profiles.map_err(|error| {
        show_causes(&error);
        Failure::new(
            "the AWS configuration files cannot be read; correct ~/.aws/config and \
             ~/.aws/credentials until `aws configure list` succeeds",
        )
    })?;
    if let Some(profile) = profiles.get_profile(name) {
        let signs_in = |it: &profile::Profile| {
            ["sso_session", "sso_start_url"]
                .iter()
                .any(|key| it.get(key).is_some())
        };
        let source = profile.get("source_profile");
        let source = source.and_then(|name| profiles.get_profile(name));
        next_step::use_profile(Profile {
            name: name.to_owned(),
            sso: signs_in(profile) || source.is_some_and(signs_in),
        });
        return Ok(());
    }
    Err(Failure::new(format!(
        "{variable} names profile {name:?}, which is in neither ~/.aws/config nor \
         ~/.aws/credentials; list the profiles with `aws configure list-profiles`"
    )))
}

/// Whether it can be the name of a region with an STS endpoint of its own.
fn check_region(region: Option<&str>) -> Result<(), Failure> {
    let why = match region.filter(|region| !region.is_empty()) {
        None => "no AWS region is set".to_owned(),
        Some(region) if is_region(region) => return Ok(()),
        Some(region) => format!("{region:?} is not the name of an AWS region"),
    };
    Err(Failure::new(format!(
        "{why}, but root-keys calls a regional STS endpoint: `export AWS_REGION=us-east-1`"
    )))
}

/// For example `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`: words of small
/// letters, then a number.
fn is_region(name: &str) -> bool {
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<_> = name.split('-').collect();
    match parts.as_slice() {
        [words @ .., number] => {
            words.len() >= 2 && is_number(number) && words.iter().all(|it| is_word(it))
        }
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_region;

    #[test]
    fn a_region_is_words_and_a_number() {
        for name in [
            "us-east-1",
            "us-gov-west-1",
            "eusc-de-east-1",
            "us-isob-east-1",
        ] {
            assert!(is_region(name), "{name}");
        }
        for name in [
            "",
            "us",
            "us-east",
            "us-east-",
            "us-east-1a",
            "US-EAST-1",
            "us east 1",
            "aws-global",
            "-east-1",
            "us--1",
            "us-east-1.evil.example",
        ] {
            assert!(!is_region(name), "{name}");
        }
    }
}
