//! What a step answers to the state machine.

use root_access_key_rule::redaction::printable;
use serde::{Deserialize, Serialize};

/// The most bytes that the text of a digest may have. Amazon SNS takes messages of up to
/// 262,144 bytes (<https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>), and AWS
/// Step Functions takes as much for the whole state, in which the text is JSON: each
/// line break there takes two bytes.
pub const MAX_TEXT: usize = 200 * 1024;

/// The most characters that the subject of a digest may have, counted as UTF-16 code units.
/// Amazon SNS takes UTF-8 text without line breaks or control characters, of fewer than 100
/// characters (<https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>), and does not
/// say how it counts them.
pub const MAX_SUBJECT: usize = 99;

/// The most characters of the message for a chat channel. This is our choice: a chat is for
/// short messages, and the e-mail has the whole text. It is less than what the state machine
/// cuts at, 8,000 characters: a limit of Amazon Q Developer in chat applications that is not
/// verified (<https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html>).
pub const MAX_CHAT: usize = 7_500;

/// The answer of a step: what the state machine does next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The next state.
    pub next: Next,
    /// What to publish; only with [`Next::Publish`].
    pub digest: Option<Digest>,
}

/// What the state machine does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Next {
    /// Invoke the step `work` again.
    Work,
    /// Publish the digest, then invoke the step `record`.
    Publish,
    /// Invoke the step `record`: nothing is to be published.
    Record,
    /// End: this day's report is complete.
    Done,
}

/// One message to the alert topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// One line of at most [`MAX_SUBJECT`] characters.
    pub subject: String,
    /// Plain text of at most [`MAX_TEXT`] bytes.
    pub text: String,
    /// The same, short, in Markdown for a chat channel: at most [`MAX_CHAT`] characters.
    pub chat: String,
}

impl Answer {
    /// Answers without a digest.
    #[must_use]
    pub fn only(next: Next) -> Self {
        Self { next, digest: None }
    }

    /// Answers that the digest is to be published.
    #[must_use]
    pub fn publish(digest: Digest) -> Self {
        Self {
            next: Next::Publish,
            digest: Some(digest),
        }
    }
}

impl Digest {
    /// Makes a digest that Amazon SNS and AWS Step Functions take: makes the subject one
    /// line, cuts it and the text where they are too long, and says so at the end of the text.
    #[must_use]
    pub fn new(subject: &str, text: &str, chat: &str) -> Self {
        Self {
            subject: one_line(subject),
            text: cut(text),
            chat: chat.chars().take(MAX_CHAT).collect(),
        }
    }
}

/// One line that Amazon SNS takes as a subject: spaces instead of line breaks, control
/// characters, and characters that are not visible.
fn one_line(subject: &str) -> String {
    let printable = printable(subject);
    let words: Vec<_> = printable.split_whitespace().collect();
    let mut length = 0;
    let fits = |c: &char| {
        length += c.len_utf16();
        length <= MAX_SUBJECT
    };
    words.join(" ").chars().take_while(fits).collect()
}

const CUT: &str = "\n…\nThis message was too long and has been cut; the report has all of it.\n";

fn cut(text: &str) -> String {
    if text.len() <= MAX_TEXT {
        return text.to_owned();
    }
    let mut kept = text[..text.floor_char_boundary(MAX_TEXT - CUT.len())].to_owned();
    kept.push_str(CUT);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_machine_sees_the_next_state_and_the_digest() {
        let json = |answer: &Answer| serde_json::to_string(answer).unwrap();
        assert_eq!(
            json(&Answer::only(Next::Work)),
            r#"{"next":"work","digest":null}"#
        );
        assert_eq!(
            json(&Answer::publish(Digest::new("3 open", "text\n", "*text*"))),
            r#"{"next":"publish","digest":{"subject":"3 open","text":"text\n","chat":"*text*"}}"#
        );
        assert_eq!(
            json(&Answer::only(Next::Record)),
            r#"{"next":"record","digest":null}"#
        );
        assert_eq!(
            json(&Answer::only(Next::Done)),
            r#"{"next":"done","digest":null}"#
        );
    }

    #[test]
    fn a_subject_is_one_line_of_at_most_99_characters_and_keeps_every_letter() {
        let subject = |text: &str| Digest::new(text, "", "").subject;
        assert_eq!(subject("Ü & Ö, 東京"), "Ü & Ö, 東京");
        assert_eq!(
            subject("a\r\nb\u{7f}\u{85}c\u{2028}\u{2029}d\u{202e}e"),
            "a b c d e"
        );
        assert_eq!(subject(&"ü".repeat(200)), "ü".repeat(99));
        // SNS does not say whether it counts such a character once or twice.
        assert_eq!(subject(&"\u{1f512}".repeat(200)), "\u{1f512}".repeat(49));
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_between_characters_and_says_so() {
        let fits = "ä".repeat(MAX_TEXT / 2);
        assert_eq!(Digest::new("", &fits, "").text, fits);
        for shift in ["", "x"] {
            let text = Digest::new("", &format!("{shift}{fits}ä"), "").text;
            assert!(
                text.len() <= MAX_TEXT && text.len() > MAX_TEXT - 3,
                "{}",
                text.len()
            );
            assert!(text.ends_with(CUT));
        }
    }
}
