//! Numbers of things and columns of text, as people read them.

/// Writes a number of things, in the plural unless there is one: `1 account`,
/// `1,234 accounts`.
#[must_use]
pub fn counted(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", thousands(number))
}

/// Writes a number with commas: `1,234`.
#[must_use]
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Lays out lines in columns of equal width, two spaces apart.
///
/// The first line has a cell for each column. A later line may have fewer: its last
/// cell then widens no column, however long it is.
#[must_use]
pub fn columns<Line: AsRef<[String]>>(lines: &[Line]) -> String {
    let count = lines.first().map_or(0, |head| head.as_ref().len());
    let mut widths = vec![0; count];
    for line in lines.iter().map(AsRef::as_ref) {
        let aligned = match line.split_last() {
            Some((_, aligned)) if line.len() < count => aligned,
            _ => line,
        };
        for (width, cell) in widths.iter_mut().zip(aligned) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for line in lines {
        let cells = line.as_ref().iter().zip(&widths);
        let padded: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        text.push_str(padded.join("  ").trim_end());
        text.push('\n');
    }
    text
}
