//! The last reports as a chart, and as a table for whoever cannot see a chart.

use maud::{Markup, html};

use crate::status::history::{Day, History};
use crate::text::{counted, thousands};

/// The chart in units of its own, in which it is drawn at any size.
const WIDTH: usize = 1440;
const HEIGHT: usize = 360;
const LEFT: usize = 90;
const TOP: usize = 40;
const BOTTOM: usize = 310;
/// The fewest reports that the width is divided by, so that a few do not make wide bars.
const FEWEST: usize = 30;

/// The chart, if there is more than today's report.
pub fn section(history: &History) -> Markup {
    let days = history.days.as_slice();
    let title = match days {
        [] | [_] => return html! {},
        days => format!("The last {}", counted(days.len(), "report")),
    };
    html! {
        section aria-labelledby="trend" {
            h2 #trend { (title) }
            (chart(days))
            p.legend {
                (key("open", "Open accounts"))
                (key("keys", "NON_COMPLIANT accounts, exempt ones included"))
                (key("partial", "Partial report: something could not be seen"))
            }
            details.numbers {
                summary { "The numbers of the chart" }
                (table(days))
            }
        }
    }
}

fn chart(days: &[Day]) -> Markup {
    let highest = days.iter().map(|it| it.open.max(it.non_compliant)).max();
    let top = round_up(highest.unwrap_or_default());
    let y = |value: usize| BOTTOM - value * (BOTTOM - TOP) / top;
    let slot = (WIDTH - LEFT) / days.len().max(FEWEST);
    let x = |number: usize| LEFT + number * slot;
    let middle = days.len() / 2;
    html! {
        svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-labelledby="trend" {
            @for value in [0, top / 2, top] {
                line.grid x1=(LEFT) x2=(WIDTH) y1=(y(value)) y2=(y(value)) {}
                text.scale x=(LEFT - 12) y=(y(value) + 7) text-anchor="end" { (thousands(value)) }
            }
            @for (number, day) in days.iter().enumerate() {
                g {
                    title { (words(day)) }
                    rect.open x=(x(number) + 1) y=(y(day.open)) width=(slot - 2) height=(BOTTOM - y(day.open)) {}
                    rect.keys x=(x(number) + slot / 3) y=(y(day.non_compliant)) width=(slot / 3) height=(BOTTOM - y(day.non_compliant)) {}
                    @if day.partial {
                        polygon.partial points={
                            (x(number) + slot / 2) ",6 " (x(number) + slot / 2 + 7) ",20 " (x(number) + slot / 2 - 7) ",20"
                        } {}
                    }
                }
            }
            @for (number, day) in days.iter().enumerate() {
                @let last = number + 1 == days.len();
                @if number == 0 || last || number == middle && days.len() >= FEWEST {
                    text.scale x=(if last { x(number + 1) } else { x(number) }) y=(BOTTOM + 36) text-anchor=(if last { "end" } else { "start" }) {
                        (day.day)
                    }
                }
            }
        }
    }
}

/// The next of 2, 4, 10, 20, 40, 100 … that is not lower: half of it is a whole number too.
fn round_up(value: usize) -> usize {
    let mut power = 1;
    loop {
        for step in [2, 4, 10] {
            if step * power >= value {
                return step * power;
            }
        }
        power *= 10;
    }
}

fn key(class: &str, words: &str) -> Markup {
    html! {
        span {
            svg viewBox="0 0 24 24" aria-hidden="true" {
                @match class {
                    "partial" => polygon.partial points="12,4 21,20 3,20" {},
                    "keys" => rect.keys x="8" y="2" width="8" height="20" {},
                    _ => rect.open x="2" y="2" width="20" height="20" {},
                }
            }
            (words)
        }
    }
}

fn words(day: &Day) -> String {
    let partial = if day.partial { ", partial" } else { "" };
    format!(
        "{}: {} open, {} NON_COMPLIANT of {}{partial}",
        day.day,
        thousands(day.open),
        thousands(day.non_compliant),
        counted(day.accounts, "account")
    )
}

/// The same, the newest first.
fn table(days: &[Day]) -> Markup {
    html! {
        table {
            caption { "Accounts in the last reports, the newest first" }
            thead {
                tr {
                    @for title in ["Day", "Accounts", "Open", "NON_COMPLIANT", "Report"] {
                        th scope="col" { (title) }
                    }
                }
            }
            tbody {
                @for day in days.iter().rev() {
                    tr {
                        th scope="row" { (day.day) }
                        td { (thousands(day.accounts)) }
                        td { (thousands(day.open)) }
                        td { (thousands(day.non_compliant)) }
                        td { (if day.partial { "partial" } else { "complete" }) }
                    }
                }
            }
        }
    }
}
