//! All that a command shows, compared with a file: the case is the file's name.

use std::path::Path;

use crate::wire::{Ended, days_before_now};

impl Ended {
    /// Compares the exit code, standard output and standard error, apart from the times
    /// and the numbers of requests, with `screens/NAME.txt`; the name's spaces are
    /// hyphens in the file. `UPDATE_SCREENS=1 cargo test` writes the files instead:
    /// their diff is then to be read.
    #[track_caller]
    pub fn is_screen(&self, name: &str) {
        let mut out = timeless(&self.out);
        if let Ok(document) = serde_json::from_str::<serde_json::Value>(&out) {
            assert_eq!(out.lines().count(), 1, "{self:?}");
            out = format!("{document:#}\n");
        }
        let code = self.code.unwrap();
        let err = timeless(&self.err);
        let found =
            format!("exit code {code}\n--- standard output\n{out}--- standard error\n{err}");
        let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
        let found = without_request_ids(&found.replace(&version, "\"version\": \"VERSION\""));
        is_file(name, &found);
    }
}

/// Compares text with `screens/NAME.txt`, or writes it, as [`Ended::is_screen`] does.
#[track_caller]
pub fn is_file(name: &str, found: &str) {
    let file = format!("{name}.txt").replace(' ', "-");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/command/screens");
    let path = path.join(file);
    if std::env::var_os("UPDATE_SCREENS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{}:\n{found}", path.display());
}

/// The emulator numbers its requests.
pub fn without_request_ids(text: &str) -> String {
    let mut parts = text.split("00000000-0000-4000-8000-");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "REQUEST" + &part[12..])
}

/// With `TIME` for each moment of the last two months: other moments are the same in
/// every run.
pub fn timeless(text: &str) -> String {
    let mut timeless = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let moment = rest.get(..20).filter(|it| it.ends_with('Z'));
        let moment = moment.and_then(|it| chrono::DateTime::parse_from_rfc3339(it).ok());
        if moment.is_some_and(|it| it > days_before_now(60)) {
            timeless.push_str("TIME");
            rest = &rest[20..];
        } else {
            timeless.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    timeless
}
