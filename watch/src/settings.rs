//! The settings of the function: its environment variables.

use std::env;

use root_keys::organization::organizational_unit;

use crate::error::{ErrorKind, WatchError};

/// What the stack sets on the function. Credentials, region and endpoints are read by
/// `root_access_key_rule::lambda::startup`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The name of the watch's bucket (`BUCKET`).
    pub bucket: String,
    /// Whether the deployment permits repairs (`REPAIR`: `true` or `false`).
    pub repair: bool,
    /// The organizational units that the StackSet deploys to (`CONFIGURED_UNITS`,
    /// separated by commas): `ou-…`, or the root `r-…`. Without repairs it may be empty.
    pub configured_units: Vec<String>,
}

impl Settings {
    /// Reads them from the environment.
    ///
    /// # Errors
    /// `InvalidEnvironment` names the variable.
    pub fn from_environment() -> Result<Self, WatchError> {
        Self::read(|name| env::var(name).ok())
    }

    fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, WatchError> {
        let variable = |name| variable(name).filter(|value| !value.is_empty());
        let bucket = variable("BUCKET").ok_or_else(|| invalid("BUCKET", "is not set"))?;
        if !is_bucket(&bucket) {
            return Err(invalid("BUCKET", "is not the name of a bucket"));
        }
        let repair = match variable("REPAIR").as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(invalid("REPAIR", "is neither true nor false")),
        };
        let units = variable("CONFIGURED_UNITS").unwrap_or_default();
        let units = units.split(',').filter(|unit| !unit.is_empty());
        let configured_units: Vec<_> = units.map(str::to_owned).collect();
        if !configured_units
            .iter()
            .all(|unit| organizational_unit::is_id(unit))
        {
            return Err(invalid(
                "CONFIGURED_UNITS",
                "is not a list of organizational units such as ou-abcd-11111111,ou-abcd-22222222",
            ));
        }
        if repair && configured_units.is_empty() {
            return Err(invalid(
                "CONFIGURED_UNITS",
                "is not set, but REPAIR is true",
            ));
        }
        Ok(Self {
            bucket,
            repair,
            configured_units,
        })
    }
}

/// Whether S3 may have a bucket of that name
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>).
fn is_bucket(name: &str) -> bool {
    let inside = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    (3..=63).contains(&name.len()) && name.bytes().all(inside)
}

fn invalid(name: &str, why: &str) -> WatchError {
    WatchError::new(
        ErrorKind::InvalidEnvironment,
        format!("cannot start: {name} {why}; deploy the stack of the watch again, which sets it"),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, WatchError> {
        Settings::read(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn only_the_three_variables_that_the_stack_sets_are_read() {
        let set = BTreeMap::from([
            ("BUCKET", "watch-111122223333"),
            ("REPAIR", "true"),
            ("CONFIGURED_UNITS", "ou-ab12-11111111,r-ab12"),
        ]);
        let settings = Settings::read(|name| {
            assert!(set.contains_key(name), "the stack does not set {name}");
            Some(set[name].to_owned())
        });
        let units = ["ou-ab12-11111111", "r-ab12"];
        assert_eq!(
            settings,
            Ok(Settings {
                bucket: "watch-111122223333".to_owned(),
                repair: true,
                configured_units: units.map(str::to_owned).to_vec(),
            })
        );
    }

    #[test]
    fn only_the_bucket_is_required() {
        let settings = read(&[("BUCKET", "abc"), ("CONFIGURED_UNITS", "")]).unwrap();
        assert!(!settings.repair);
        assert!(settings.configured_units.is_empty());
    }

    #[test]
    fn a_wrong_variable_is_named() {
        for (variables, named) in [
            (&[][..], "BUCKET is not set"),
            (&[("BUCKET", "")], "BUCKET is not set"),
            (&[("BUCKET", "A b")], "BUCKET is not the name"),
            (&[("BUCKET", "abc"), ("REPAIR", "yes")], "REPAIR is neither"),
            (
                &[("BUCKET", "abc"), ("REPAIR", "true")],
                "CONFIGURED_UNITS is not set",
            ),
            (
                &[
                    ("BUCKET", "abc"),
                    ("CONFIGURED_UNITS", "r-ab12,111122223333"),
                ],
                "CONFIGURED_UNITS is not a list",
            ),
            (
                &[("BUCKET", "abc"), ("CONFIGURED_UNITS", "ou-,r-ab12")],
                "CONFIGURED_UNITS is not a list",
            ),
        ] {
            let error = read(variables).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidEnvironment);
            let start = format!("cannot start: {named}");
            assert!(error.message.starts_with(&start), "{error}");
        }
    }
}
