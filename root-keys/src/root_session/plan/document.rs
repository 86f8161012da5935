//! The plan as a file: JSON with one line a key, which ends with the SHA-256 of
//! all that is before it. A file that was changed in any way is no plan.

use serde::{Deserialize, Serialize};

use crate::root_session::plan::digest::sha256;
use crate::root_session::plan::facts::{Deletion, Head, Kept, Plan, SCHEMA};

#[derive(Deserialize)]
struct File {
    plan: Head,
    delete: Vec<Deletion>,
    keep: Vec<Kept>,
}

impl Plan {
    /// The plan as a file.
    #[must_use]
    pub fn document(&self) -> String {
        let body = self.body();
        format!("{body}\"sha256\":\"{}\"}}\n", sha256(body.as_bytes()))
    }

    /// The SHA-256 that the file ends with: it identifies the plan.
    #[must_use]
    pub fn digest(&self) -> String {
        sha256(self.body().as_bytes())
    }

    /// Reads a plan.
    ///
    /// # Errors
    /// When the file is no plan, or not exactly the one that was written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = serde_json::from_str(text).map_err(|error| {
            format!("the file is not a plan that `root-keys plan` wrote: {error}")
        })?;
        if file.plan.command != "root-keys plan" || file.plan.schema != SCHEMA {
            return Err(format!(
                "the file is output of `{}` (schema {}), but `root-keys apply` needs output of `root-keys plan` (schema {SCHEMA})",
                file.plan.command, file.plan.schema
            ));
        }
        let plan = Self {
            head: file.plan,
            delete: file.delete,
            keep: file.keep,
        };
        if plan.document() == text {
            Ok(plan)
        } else {
            Err("the plan was modified after `root-keys plan` wrote it; make a new plan".to_owned())
        }
    }

    fn body(&self) -> String {
        format!(
            "{{\"plan\":{},\n\"delete\":[{}],\n\"keep\":[{}],\n",
            json(&self.head),
            lines(&self.delete),
            lines(&self.keep)
        )
    }
}

fn lines<T: Serialize>(items: &[T]) -> String {
    let lines: Vec<_> = items.iter().map(|it| format!("\n{}", json(it))).collect();
    lines.join(",")
}

fn json<T: Serialize>(it: &T) -> String {
    // Text, numbers and lists under fixed names: there is nothing that could fail.
    serde_json::to_string(it).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::root_session::plan::facts::Plan;
    use crate::root_session::plan::fixtures::{key, plan_of};

    const YEARS: i64 = 3 * 365 * 24 * 60 * 60;

    fn plan() -> Plan {
        let used = Some(YEARS / 2);
        plan_of(vec![
            key("FIRST", YEARS, used),
            key("SECOND", YEARS, Some(0)),
        ])
    }

    #[test]
    fn the_document_is_json_with_one_line_a_key_and_is_read_back_unchanged() {
        let text = plan().document();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["sha256"], plan().digest());
        assert_eq!(value["plan"]["summary"]["delete"], 1);
        for id in ["FIRST", "SECOND"] {
            let about = format!("\"accessKeyId\":\"{id}\"");
            assert_eq!(text.lines().filter(|it| it.contains(&about)).count(), 1);
        }
        assert_eq!(Plan::parse(&text), Ok(plan()));
        let empty = plan_of(Vec::new());
        assert_eq!(Plan::parse(&empty.document()), Ok(empty));
    }

    #[test]
    fn a_document_that_was_changed_anywhere_is_no_plan() {
        let text = plan().document();
        for (place, _) in text.char_indices() {
            let changed: Vec<_> = [
                text[..place].to_owned(),
                format!("{} {}", &text[..place], &text[place..]),
                format!("{}1{}", &text[..place], &text[place + 1..]),
            ]
            .into_iter()
            .filter(|it| *it != text)
            .collect();
            for changed in changed {
                assert!(Plan::parse(&changed).is_err(), "{changed}");
            }
        }
        let added = text.replacen("{\"account\"", "{\"more\":1,\"account\"", 1);
        let error = Plan::parse(&added).unwrap_err();
        assert!(error.contains("modified after"), "{error}");
        assert!(Plan::parse(&text.replacen("\"schema\":1", "\"schema\":2", 1)).is_err());
    }

    #[test]
    fn a_document_of_another_command_or_schema_is_no_plan() {
        let mut plan = plan();
        plan.head.schema = 2;
        let error = Plan::parse(&plan.document()).unwrap_err();
        assert!(error.contains("(schema 2), but"), "{error}");
        plan.head.schema = 1;
        plan.head.command = "root-keys list".to_owned();
        let error = Plan::parse(&plan.document()).unwrap_err();
        assert!(error.contains("`root-keys list`"), "{error}");
    }
}
