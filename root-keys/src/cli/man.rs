//! `man`: the manual pages, made from what clap knows of the command line.

use std::io::{self, Write};
use std::process::ExitCode;

use clap_mangen::Man;
use clap_mangen::roff::Roff;

use root_keys::failure::Failure;

use crate::cli::arguments;
use crate::cli::terminal::not_written;

/// Prints the page of that subcommand, or of root-keys itself, in roff.
///
/// # Errors
/// When it cannot be written.
pub fn run(subcommand: Option<&str>, out: &mut impl Write) -> Result<ExitCode, Failure> {
    print(subcommand, out).map_err(not_written)?;
    Ok(ExitCode::SUCCESS)
}

fn print(subcommand: Option<&str>, out: &mut impl Write) -> io::Result<()> {
    let mut command = arguments::command().disable_help_subcommand(true);
    command.build();
    let page = subcommand.and_then(|name| command.find_subcommand(name));
    let page = page.unwrap_or(&command).clone();
    let exit_codes = page.get_after_help().map(ToString::to_string);
    let has_subcommands = page.has_subcommands();
    let man = Man::new(page);
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    if has_subcommands {
        man.render_subcommands_section(out)?;
    }
    if let Some(codes) = exit_codes {
        exit_status(&codes).to_writer(out)?;
    }
    Ok(())
}

/// The exit codes, one a line, as the help shows them.
fn exit_status(codes: &str) -> Roff {
    let mut section = Roff::new();
    section.control("SH", ["EXIT STATUS"]).control("nf", []);
    section.text([codes.into()]).control("fi", []);
    section
}
