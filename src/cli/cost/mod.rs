//! `cost`: what was used, exactly priced, with the rate of each meter and the condition that chose it.

mod lines;
mod pipeline;
mod row;
mod summary;

use super::catalog_source::{CatalogArgs, shown};
use super::failure::Failure;
use super::out::{Out, Tone, printable};
use super::table::{Column, Step, Table};
use super::units::{self, Money};
use super::words;
use clap::{Arg, ArgMatches, Command, FromArgMatches};
use modeldex::{Billing, Catalog, Circumstances, Cost, Meter, Model, Moment, ServiceTier, Usage};
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::thread;

/// Say exactly what a usage costs, and by which rates
///
/// Counts are totals with parts: --input is all tokens of the request, those read from a cache, written to one, of audio and of images
/// included; --output is all tokens of the answer, thinking, audio and images included. Amounts are exact.
///
/// With --usage each line of FILE is an object {"model": REF, "usage": {...}}, in which "at" (RFC 3339), "tier" and "region" may stand,
/// too. Its usage has the names of the meters ("input", "cache_read", ...), or with "api": "openai-completions" and so on it is what a
/// provider of that protocol returned. Each line is answered by one on stdout, in the same order: the amount with a line for each rate, or
/// an error in its place. A summary by model and day goes to stderr.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The model, as `provider/model`; either may be an alias
    #[arg(long, value_name = "REF", required_unless_present = "usage", conflicts_with = "usage")]
    model: Option<String>,
    #[command(flatten)]
    counts: Counts,
    /// Price every line of the JSON Lines file FILE; `-` is stdin
    #[arg(long, value_name = "FILE")]
    usage: Option<PathBuf>,
    /// When it was used, such as 2026-08-16T16:00:30+08:00; of lines, for those that do not say it [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = moment)]
    at: Option<Moment>,
    /// The class of service, if not the ordinary one; of lines, for those that do not say it ("standard" is the ordinary one)
    #[arg(long, value_parser = words::tier())]
    tier: Option<ServiceTier>,
    /// The region of the endpoint; of lines, for those that do not say it
    #[arg(long)]
    region: Option<String>,
    /// Write an object; lines are objects anyway
    #[arg(long)]
    json: bool,
    /// Leave the summary out
    #[arg(long, requires = "usage")]
    no_summary: bool,
    /// Price lines in N threads [default: as many as there are processors]
    #[arg(long, value_name = "N", requires = "usage")]
    jobs: Option<NonZeroUsize>,
}

/// What a request is taken to be where a line does not say it.
#[derive(Clone, Copy)]
struct Defaults<'a> {
    at: Moment,
    tier: Option<ServiceTier>,
    region: Option<&'a str>,
}

pub(crate) fn run(args: &Args, source: &CatalogArgs, out: &mut Out) -> Result<(), Failure> {
    let loaded = source.load_for_use()?;
    let catalog = loaded.catalog();
    let defaults = Defaults { at: args.at.unwrap_or_else(units::now), tier: args.tier, region: args.region.as_deref() };
    match (&args.usage, &args.model) {
        (Some(path), _) => {
            let jobs = args.jobs.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
            let lines = pipeline::open(path).map_err(|error| Failure::Usage(format!("`{}` cannot be read: {error}", shown(path))))?;
            lines::run(lines, &catalog, defaults, jobs, !args.no_summary, out)
        }
        (None, Some(model)) => one(args, &catalog, model, defaults, out),
        (None, None) => Err(Failure::Usage("say which --model was used, or give lines with --usage".to_owned())),
    }
}

fn one(args: &Args, catalog: &Catalog<'_>, reference: &str, defaults: Defaults<'_>, out: &mut Out) -> Result<(), Failure> {
    let Some(usage) = args.counts.0 else {
        return Err(Failure::Usage("say what was used, such as `--input 1000 --output 200`".to_owned()));
    };
    let model = catalog.model(reference).map_err(|unknown| Failure::Failed(printable(&unknown.to_string()).into_owned()))?;
    let circumstances = Circumstances { at: Some(defaults.at), tier: defaults.tier, region: defaults.region, ..Circumstances::default() };
    let cost = model.price(&usage, &circumstances).map_err(|error| Failure::Failed(format!("`{}`: {error}", model.reference())))?;
    if args.json {
        let mut line = Vec::new();
        row::Writer::default().write(model, &cost, &mut line)?;
        return Ok(out.write_all(&line)?);
    }
    write(model, &cost, out)
}

/// A cost as `--json` writes it.
pub(crate) fn json(model: Model<'_>, cost: &Cost<'_>) -> serde_json::Result<serde_json::Value> {
    let mut line = Vec::new();
    row::Writer::default().write(model, cost, &mut line)?;
    serde_json::from_slice(&line)
}

const COLUMNS: &[Column] =
    &[Column::text("Meter"), Column::number("Quantity"), Column::number("Rate"), Column::text("Condition"), Column::number("Amount")];

/// Where it gets narrow, the words of conditions give way.
const STEPS: &[Step] = &[Step::Shrink(3, 12), Step::Drop(3)];

fn write(model: Model<'_>, cost: &Cost<'_>, out: &mut Out) -> Result<(), Failure> {
    let heading = out.style(Tone::Heading);
    writeln!(out, "{heading}{}{heading:#}  {}\n", model.reference(), printable(model.name()))?;
    let mut table = Table::new(COLUMNS);
    for line in cost.lines() {
        if line.rate_meter == line.meter {
            table.cell(line.meter);
        } else {
            table.cell(format_args!("{} as {}", line.meter, line.rate_meter));
        }
        table.cell(line.quantity);
        table.cell(Money(cost.currency(), line.rate.authored(line.meter)));
        if line.condition.is_always() {
            table.cell("always");
        } else {
            table.cell(line.condition);
        }
        table.cell(format_args!("{}{}", units::sign(cost.currency()), line.amount));
    }
    table.toned_cell(Tone::Heading, "total");
    for _ in 0..2 {
        table.cell("");
    }
    table.cell(if cost.billing() == Billing::Free { "free" } else { "" });
    table.toned_cell(Tone::Heading, format_args!("{}{}", units::sign(cost.currency()), cost.amount()));
    Ok(table.write(out, STEPS)?)
}

/// What was used, from one option for each meter; none when no option is given.
struct Counts(Option<Usage>);

/// The names of the options: those of the meters, with the hyphens that options have.
static OPTIONS: LazyLock<Vec<String>> = LazyLock::new(|| Meter::ALL.iter().map(|meter| meter.as_str().replace('_', "-")).collect());

impl clap::Args for Counts {
    fn augment_args(command: Command) -> Command {
        command.args(Meter::ALL.iter().zip(OPTIONS.iter()).map(|(meter, option)| {
            let count = Arg::new(meter.as_str()).long(option.as_str()).value_name("N").value_parser(count).conflicts_with("usage");
            count.help(help(*meter)).help_heading("What was used")
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Counts {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let counts = Meter::ALL.iter().filter_map(|meter| Some((*meter, *matches.get_one::<u64>(meter.as_str())?)));
        let counts: Vec<(Meter, u64)> = counts.collect();
        Ok(Self((!counts.is_empty()).then(|| Usage::of(&counts))))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

const fn help(meter: Meter) -> &'static str {
    match meter {
        Meter::Input => "All tokens of the request",
        Meter::Output => "All tokens of the answer",
        Meter::Reasoning => "Those of the answer that are thinking",
        Meter::CacheRead => "Those of the request that were read from a cache",
        Meter::CacheWrite => "Those of the request that were written to a cache, at its usual lifetime",
        Meter::CacheWrite1h => "Those of the request that were written to a cache for an hour",
        Meter::InputAudio => "Those of the request that are audio",
        Meter::OutputAudio => "Those of the answer that are audio",
        Meter::InputImage => "Those of the request that are images",
        Meter::OutputImage => "Those of the answer that are images",
        Meter::Request => "Requests [default: 1]",
        Meter::Image => "Images made",
        Meter::WebSearch => "Web searches",
    }
}

/// Reads a count: `1000`, `1_000`, or with a unit `200k` or `1M`.
fn count(text: &str) -> Result<u64, String> {
    match text.replace('_', "").parse() {
        Ok(count) => Ok(count),
        Err(_) => units::parse_tokens(text).map(u64::from),
    }
}

fn moment(text: &str) -> Result<Moment, String> {
    Moment::from_rfc3339(text).map_err(|error| format!("{error}; RFC 3339 is such as 2026-08-16T16:00:30+08:00"))
}
