//! `explain`: explains a diagnostic code.

use super::failure::Failure;
use super::out::{Out, Tone};
use super::table::{Column, Step, Table};
use modeldex_compile::codes::{self, Rule};
use modeldex_table::nearest::nearest;
use std::io::Write;

/// Explain an error or warning code of `check` or `audit`
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The code; without a code, all codes are listed
    code: Option<String>,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Result<(), Failure> {
    let Some(code) = &args.code else { return list(out) };
    let Some(rule) = codes::rule(code).or_else(|| modeldex_audit::audit_rule(code)) else {
        return Err(Failure::Failed(match nearest(code, rules().map(|rule| rule.code)) {
            Some(near) => format!("unknown code `{code}`; nearest: `{near}`"),
            None => format!("unknown code `{code}`; `modeldex explain` lists all codes"),
        }));
    };
    let heading = out.style(Tone::Heading);
    writeln!(out, "{heading}{}{heading:#} ({})", rule.code, rule.severity)?;
    writeln!(out, "\n{}\n\n{}", rule.summary.trim(), rule.explanation.trim())?;
    Ok(())
}

/// The rules of `check`, then those of `audit`.
fn rules() -> impl Iterator<Item = &'static Rule> {
    codes::RULES.iter().chain(modeldex_audit::AUDIT_RULES).copied()
}

fn list(out: &mut Out) -> Result<(), Failure> {
    const COLUMNS: &[Column] = &[Column::text("Code"), Column::text("Severity"), Column::text("Summary")];
    let mut table = Table::new(COLUMNS);
    for rule in rules() {
        table.cells(&[&rule.code, &rule.severity, &rule.summary]);
    }
    Ok(table.write(out, &[Step::Shrink("Summary", 20)])?)
}
