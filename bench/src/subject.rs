//! The measured programs: our function, the minimal functions and other implementations. Each
//! uses Lambda's Runtime API.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::settings::{BUILT, PYTHON, Settings};

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
    /// Bytes of the program; `None` for Python, whose interpreter is Lambda's.
    pub binary_bytes: Option<usize>,
    /// Bytes of the uploaded zip.
    pub zip_bytes: Option<usize>,
}

impl Subject {
    /// Ours first, to which the ratios refer; then all others that exist.
    ///
    /// # Errors
    /// A file is missing: its name and how to build it.
    pub fn all(settings: &Settings) -> Result<Vec<Self>, String> {
        let built = |program: &str| Path::new(BUILT).join(program);
        let mut rdklib = python("Python on rdklib", Path::new("bench/rdklib"), "rule")?;
        // rdklib assumes a role unless this parameter, which only rdklib knows, says no.
        rdklib.rule_parameters = Some(json!({ "AssumeRoleMode": "False" }).to_string());
        let mut all = vec![
            native("ours", &settings.bootstrap, true)?,
            native("floor: empty function", &built("product/empty"), false)?,
            native(
                "floor and two HTTPS calls",
                &built("product/two_calls"),
                false,
            )?,
            native(
                "that floor with all root certificates",
                &built("product/two_calls_all_roots"),
                false,
            )?,
            native("Rust the ordinary way", &built("release/ordinary"), true)?,
            rdklib,
        ];
        if let Some(sample) = &settings.sample {
            let (folder, module) = (
                sample.join("python/ROOT_NO_ACCESS_KEY"),
                "ROOT_NO_ACCESS_KEY",
            );
            all.push(python("Python, AWS's sample", &folder, module)?);
        }
        if let Some(part) = &settings.only {
            all.retain(|subject| subject.name == "ours" || subject.name.contains(part.as_str()));
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
    let length = |file: fs::Metadata| usize::try_from(file.len()).unwrap_or(usize::MAX);
    let bytes = |path: &Path| fs::metadata(path).map(length);
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

fn python(name: &'static str, folder: &Path, module: &str) -> Result<Subject, String> {
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
            PYTHON.into(),
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
