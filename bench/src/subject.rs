//! What is measured: our function, its floor and its peers, each as a program
//! that talks to Lambda's Runtime API.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::settings::Settings;

/// One program to measure.
#[derive(Debug)]
pub struct Subject {
    /// The column's heading.
    pub name: &'static str,
    /// The program and its arguments.
    pub command: Vec<PathBuf>,
    /// For Python, the folder of the handler's module.
    pub folder: Option<PathBuf>,
    /// The rule's parameters, a JSON object.
    pub rule_parameters: Option<String>,
    /// Whether an evaluation must be accepted for each invocation.
    pub evaluates: bool,
    /// Bytes of what starts; for Python nothing, since Lambda brings it.
    pub binary_bytes: Option<u64>,
    /// Bytes of the zip that is uploaded.
    pub zip_bytes: Option<u64>,
}

impl Subject {
    /// Ours first, the ratios are to it; then all the others that are there.
    ///
    /// # Errors
    /// Names the file that is missing and how to make it.
    pub fn all(settings: &Settings) -> Result<Vec<Self>, String> {
        let built = &settings.built;
        // rdklib assumes a role unless this parameter, which only it knows, turns that off.
        let no_role = Some(json!({ "AssumeRoleMode": "False" }).to_string());
        let mut all = vec![
            native("ours", &settings.bootstrap, true)?,
            native("floor: empty function", &built.join("product/empty"), false)?,
            native(
                "floor and two HTTPS calls",
                &built.join("product/two_calls"),
                false,
            )?,
            native(
                "Rust the ordinary way",
                &built.join("release/ordinary"),
                true,
            )?,
            Subject {
                rule_parameters: no_role,
                ..python("Python on rdklib", settings, &settings.rdklib, "rule")?
            },
        ];
        if let Some(sample) = &settings.sample {
            all.push(python(
                "Python, AWS's sample",
                settings,
                &sample.join("python/ROOT_NO_ACCESS_KEY"),
                "ROOT_NO_ACCESS_KEY",
            )?);
        }
        if let Some(part) = &settings.only {
            let ours = all[0].name;
            all.retain(|subject| subject.name == ours || subject.name.contains(part.as_str()));
        }
        Ok(all)
    }

    /// Whether an interpreter runs it.
    #[must_use]
    pub fn is_python(&self) -> bool {
        self.folder.is_some()
    }
}

fn native(name: &'static str, program: &Path, evaluates: bool) -> Result<Subject, String> {
    let bytes = |path: &Path| fs::metadata(path).map(|file| file.len());
    let binary_bytes = bytes(program).map_err(|error| {
        format!(
            "cannot measure {}: {error}; run `make bench`",
            program.display()
        )
    })?;
    Ok(Subject {
        name,
        command: vec![program.to_owned()],
        folder: None,
        rule_parameters: None,
        evaluates,
        binary_bytes: Some(binary_bytes),
        zip_bytes: bytes(&program.with_extension("zip")).ok(),
    })
}

fn python(
    name: &'static str,
    settings: &Settings,
    folder: &Path,
    module: &str,
) -> Result<Subject, String> {
    let source = folder.join(module).with_extension("py");
    if !source.is_file() {
        return Err(format!(
            "cannot measure {name}: there is no {}",
            source.display()
        ));
    }
    Ok(Subject {
        name,
        command: vec![
            settings.python.clone(),
            "-m".into(),
            "awslambdaric".into(),
            format!("{module}.lambda_handler").into(),
        ],
        folder: Some(folder.to_owned()),
        rule_parameters: None,
        evaluates: true,
        binary_bytes: None,
        zip_bytes: None,
    })
}
