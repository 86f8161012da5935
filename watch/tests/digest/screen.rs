//! The text of a digest, compared with a file.

use std::path::Path;

use root_access_key_watch::answer::Digest;

/// Compares subject, text and chat message with `screens/NAME.txt`; the name's spaces are
/// hyphens in the file. `UPDATE_SCREENS=1 cargo test` writes the files instead: their diff
/// is then to be read.
#[track_caller]
pub fn is_screen(digest: Option<&Digest>, name: &str) {
    let found = digest.map_or_else(
        || "no digest\n".to_owned(),
        |it| {
            let Digest {
                subject,
                text,
                chat,
            } = it;
            format!("Subject: {subject}\n\n{text}--- chat\n{chat}\n")
        },
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/digest/screens");
    let path = path.join(format!("{name}.txt").replace(' ', "-"));
    if std::env::var_os("UPDATE_SCREENS").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{}:\n{found}", path.display());
}
