//! `message send`: asks a model, shows the answer as it comes, and says what it took and what it cost.

use super::asking::{self, AskingArgs};
use super::catalog_source::CatalogSource;
use super::failure::Failure;
use super::out::{self, Out};
use super::{cost, json, units};
use crate::config::Config;
use modeldex_client::credential::{self, CredentialLookup};
use modeldex_client::endpoint::ResolvedEndpoint;
use modeldex_client::error::{ClientError, ErrorKind};
use modeldex_client::generate::{Client, GenerateResponse, StreamEvent};
use modeldex_client::http::{CancelToken, HttpClient};
use modeldex_client::telegram::{self, Chat};
use modeldex_client::token_limits;
use modeldex_client::wire::{self, GenerateRequest, Message, Role};
use modeldex_table::{Cost, Model, ModelKind, PriceError, RequestContext, Usage};
use modeldex_usage::{Shapes, Tier, UsageError};
use serde_json::{Value, json};
use std::io::{self, Read, Write};
use std::time::Duration;

/// Send a message to a model, and show its answer
///
/// The answer goes to standard output as it arrives. How many tokens it took, how long, and what it cost go to standard error; a price that
/// nobody has published is called unpriced, never 0. The key is looked for in `--api-key`, then in the environment, then in the
/// configuration.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The model, as `provider/model`; else `default_model` of the configuration
    #[arg(long, short, value_name = "REF")]
    model: Option<String>,
    /// What to say; `-` reads it from standard input
    #[arg(long, short = 'M', value_name = "TEXT", allow_hyphen_values = true)]
    message: String,
    /// What holds throughout, said before the message
    #[arg(long, value_name = "TEXT")]
    system: Option<String>,
    /// The most tokens of the answer; else the server decides
    #[arg(long = "max-output-tokens", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_tokens: Option<u32>,
    /// Where else the answer goes
    #[arg(long, value_enum, value_name = "WHERE")]
    target: Option<Where>,
    /// Ask for the answer whole, not as it is made
    #[arg(long)]
    no_stream: bool,
    /// Show on standard error what the model thinks, where the provider shows it
    #[arg(long)]
    reasoning: bool,
    /// Send it though the catalog says that it is too long, or that the model is for something else
    #[arg(long)]
    ignore_limits: bool,
    /// Send it again up to so many times while the server is overloaded
    #[arg(long, value_name = "N", default_value_t = 3)]
    retries: u32,
    /// Write an object, with the usage and the price in it
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    asking: AskingArgs,
}

/// Where an answer can go beside standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Where {
    /// A Telegram chat, by TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID
    Telegram,
}

/// A model may think for long.
const PATIENCE: Duration = Duration::from_secs(1800);

/// More than any context window holds.
const LONGEST_MESSAGE: u64 = 64 << 20;

/// What an answer used and what that cost, as far as both are known.
struct Bill<'a> {
    usage: Option<Result<Usage, String>>,
    cost: Option<Result<Cost<'a>, PriceError>>,
}

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let config = Config::load()?;
    let loaded = source.load_for_use()?;
    let catalog = loaded.catalog();
    let reference = args.model.as_deref().or(config.settings.default_model.as_deref());
    let reference = reference.ok_or_else(|| {
        Failure::Usage("no model: say `--model provider/model`, or `modeldex config set default_model provider/model`".to_owned())
    })?;
    let model = asking::model(&catalog, reference, config)?;
    let text = message(&args.message)?;
    let shapes = loaded.shapes()?;
    args.asking.places(config, |places| {
        // What cannot be delivered is not worth asking for.
        let chat = match args.target {
            Some(Where::Telegram) => Some(chat(config, places)?),
            None => None,
        };
        match send(args, model, &text, &shapes, places, chat.as_ref(), out) {
            Ok(undelivered) => undelivered.map_or(Ok(()), |problem| Err(problem.into())),
            Err(failure) => {
                if let (Failure::Problem(problem), true) = (&failure, args.json) {
                    let object = json!({"model": model.reference().to_string(), "error": asking::problem_json(problem)});
                    writeln!(out, "{}", json::harmless(&object))?;
                    out.flush()?;
                }
                Err(failure)
            }
        }
    })
}

/// Returns why the answer could not be passed on, where it is there and could not.
fn send(
    args: &Args,
    model: Model<'_>,
    text: &str,
    shapes: &Shapes,
    places: &CredentialLookup<'_>,
    chat: Option<&Chat>,
    out: &mut Out,
) -> Result<Option<ClientError>, Failure> {
    let config = Config::load()?;
    let provider = model.provider();
    let system = args.system.as_deref().map(|text| Message { role: Role::System, text });
    let messages: Vec<_> = system.into_iter().chain([Message { role: Role::User, text }]).collect();
    if !args.ignore_limits {
        if !matches!(model.kind(), ModelKind::Chat | ModelKind::Completion) {
            let what = format!("`{}` is for {}, and messages are for chat models", model.reference(), model.kind());
            return Err(ClientError::new(ErrorKind::Unsupported, what).into());
        }
        token_limits::check(model, &messages, args.max_tokens)?;
    }
    let endpoint = args.asking.choice(config, provider.id()).for_model(model)?;
    let target = ResolvedEndpoint::resolve(provider, endpoint, places)?;
    if let Some(key) = target.credential.key.as_ref().filter(|key| key.trimmed) {
        out::warning(&format!("white space or quotes around {} were taken away", key.describe_origin()));
    }
    let cancel = asking::cancel_on_interrupt();
    let client = Client::new(args.asking.limits(PATIENCE), args.retries, cancel.clone());
    let max_tokens = args.max_tokens.or_else(|| {
        // Enough for an answer, where the catalog does not say how much the model can give.
        wire::requires_max_tokens(endpoint.api()).then(|| token_limits::default_max_tokens(model, &messages).unwrap_or(4096))
    });
    let request = GenerateRequest { model: model.id(), messages: &messages, max_tokens, stream: !args.no_stream };
    let mut shown = Shown { out, cancel, args, failed: None, ends_in_line: true };
    let answer = client.generate(&target, &request, &mut |event| shown.hear(&event));
    shown.end()?;
    let answer = answer?;
    let bill = Bill::of(model, endpoint, shapes, &answer);
    if !args.json {
        summary(&answer, &bill);
    }
    // The answer is there and paid for, so it is shown even where it cannot be passed on.
    let passed_on = chat.map(|chat| pass_on(chat, client.http(), &answer));
    if args.json {
        writeln!(out, "{}", json::harmless(&object(model, &answer, &bill, passed_on.as_ref())?))?;
        out.flush()?;
    }
    if let (Some(Ok(messages)), false) = (&passed_on, args.json) {
        out::note(format!("sent to Telegram in {messages} {}", if *messages == 1 { "message" } else { "messages" }));
    }
    Ok(passed_on.and_then(Result::err))
}

/// What is said: the argument, or standard input.
fn message(argument: &str) -> Result<String, Failure> {
    let text = if argument == "-" {
        let mut text = String::new();
        let read = io::stdin().lock().take(LONGEST_MESSAGE + 1).read_to_string(&mut text);
        read.map_err(|error| Failure::Failed(format!("standard input cannot be read as UTF-8 text: {error}")))?;
        if text.len() as u64 > LONGEST_MESSAGE {
            return Err(Failure::Failed(format!("the message has more than {} MiB, which no model takes", LONGEST_MESSAGE >> 20)));
        }
        text
    } else {
        argument.to_owned()
    };
    if text.trim().is_empty() {
        return Err(Failure::Usage("the message is empty".to_owned()));
    }
    Ok(text)
}

/// The chat that the environment or the configuration names.
fn chat(config: &Config, places: &CredentialLookup<'_>) -> Result<Chat, Failure> {
    let held = |name: &'static str| credential::resolve_variable(name, places).map_err(|error| Failure::Failed(error.to_string()));
    let missing = |name: &str| Failure::Failed(format!("Telegram needs {name}: set it, or `modeldex config set env.{name} -`"));
    let token = held("TELEGRAM_BOT_TOKEN")?.ok_or_else(|| missing("TELEGRAM_BOT_TOKEN"))?.secret;
    let text = |key: credential::Key<'_>| key.secret.expose().to_owned();
    let chat_id = held("TELEGRAM_CHAT_ID")?.map(text).or_else(|| config.settings.telegram.chat_id.clone());
    let chat_id = chat_id.ok_or_else(|| missing("TELEGRAM_CHAT_ID"))?;
    let api_base = held("TELEGRAM_API_BASE")?.map(text).or_else(|| config.settings.telegram.api_base.clone());
    let api_base = api_base.unwrap_or_else(|| telegram::DEFAULT_API_BASE.to_owned());
    Ok(Chat::new(api_base, token, chat_id)?)
}

fn pass_on(chat: &Chat, http: &HttpClient, answer: &GenerateResponse) -> Result<usize, ClientError> {
    if answer.text.trim().is_empty() {
        return Err(ClientError::new(ErrorKind::BadAnswer, "the answer is empty, so nothing was sent to Telegram".to_owned()));
    }
    chat.send(http, &answer.text)
}

/// Standard output while an answer comes.
struct Shown<'s> {
    out: &'s mut Out,
    cancel: CancelToken,
    args: &'s Args,
    failed: Option<io::Error>,
    ends_in_line: bool,
}

impl Shown<'_> {
    fn hear(&mut self, event: &StreamEvent<'_>) {
        match event {
            StreamEvent::Text(text) if !self.args.json => {
                let text = if self.out.width().is_some() { out::running(text) } else { (*text).to_owned() };
                self.ends_in_line = text.ends_with('\n');
                if let Err(error) = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()) {
                    // Nobody reads any more, so nothing more has to be paid for.
                    self.failed.get_or_insert(error);
                    self.cancel.cancel();
                }
            }
            StreamEvent::Reasoning(text) if self.args.reasoning => out::aside(&out::running(text)),
            StreamEvent::Retrying(problem, wait) => {
                out::warning(&format!("{}; trying again in {:.1} s", out::printable(&problem.message), wait.as_secs_f64()));
            }
            StreamEvent::Text(_) | StreamEvent::Reasoning(_) => {}
        }
    }

    /// Ends the line. The first failure to write is told here.
    fn end(&mut self) -> io::Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if !self.ends_in_line {
            writeln!(self.out)?;
            self.out.flush()?;
        }
        Ok(())
    }
}

impl<'a> Bill<'a> {
    fn of(model: Model<'a>, endpoint: modeldex_table::Endpoint<'_>, shapes: &Shapes, answer: &GenerateResponse) -> Self {
        let Some(raw) = &answer.usage else { return Self { usage: None, cost: None } };
        let said = answer.service_tier.as_deref().map(|word| Tier::parse(word).ok_or_else(|| UsageError::UnknownTier(word.to_owned())));
        let read = shapes.read_value(Some(endpoint.api()), raw).and_then(|read| Ok((read, said.unwrap_or(Ok(read.tier))?)));
        match read {
            Ok((read, tier)) => {
                let tier = tier.unwrap_or(None);
                let context = RequestContext { tier, at: Some(units::now()), region: endpoint.region(), ..RequestContext::default() };
                Self { usage: Some(Ok(read.usage)), cost: Some(model.price(&read.usage, &context)) }
            }
            Err(error) => Self { usage: Some(Err(error.to_string())), cost: None },
        }
    }

    /// What it cost, in a word or two.
    fn price(&self) -> String {
        match &self.cost {
            Some(Ok(cost)) => format!("{}{}", units::sign(cost.currency()), cost.amount()),
            Some(Err(error)) => format!("{}: {error}", error.code()),
            None => match &self.usage {
                Some(Err(why)) => format!("unpriced: {why}"),
                _ => "unpriced: the server does not say what was used".to_owned(),
            },
        }
    }
}

/// Tells on standard error what it took.
fn summary(answer: &GenerateResponse, bill: &Bill<'_>) {
    use modeldex_table::Meter::{CacheRead, Input, Output, Reasoning};
    let tokens = match &bill.usage {
        Some(Ok(usage)) => {
            let part = |meter, word: &str| match usage.get(meter) {
                0 => String::new(),
                count => format!(" ({count} {word})"),
            };
            let (input, output) = (usage.get(Input), usage.get(Output));
            format!("{input} tokens in{}, {output} out{}", part(CacheRead, "cached"), part(Reasoning, "reasoning"))
        }
        Some(Err(_)) | None => "tokens unknown".to_owned(),
    };
    let first = if answer.time_to_first_token.is_zero() {
        String::new()
    } else {
        format!(", {:.2} s to the first", answer.time_to_first_token.as_secs_f64())
    };
    let summary = format!("{tokens}  {:.2} s{first}  {}", answer.total_time.as_secs_f64(), bill.price());
    out::note(out::printable(&summary));
    if answer.is_truncated() {
        out::warning("the answer was cut off at the most tokens it may have");
    } else if answer.text.is_empty() {
        out::warning("the answer has no text");
    }
}

/// An answer as `--json` writes it.
fn object(
    model: Model<'_>,
    answer: &GenerateResponse,
    bill: &Bill<'_>,
    telegram: Option<&Result<usize, ClientError>>,
) -> serde_json::Result<Value> {
    let mut object = json!({"model": model.reference().to_string(), "text": answer.text});
    if !answer.reasoning.is_empty() {
        object["reasoning"] = json!(answer.reasoning);
    }
    object["finish"] = json!(answer.finish_reason);
    object["seconds"] = json!(answer.total_time.as_secs_f64());
    object["seconds_to_first"] = json!(Some(answer.time_to_first_token.as_secs_f64()).filter(|first| *first > 0.0));
    object["raw_usage"] = json!(answer.usage);
    let counts = |usage: &Usage| usage.iter().map(|(meter, count)| (meter.as_str().to_owned(), Value::from(count))).collect();
    object["usage"] = bill.usage.as_ref().and_then(|usage| usage.as_ref().ok()).map_or(Value::Null, counts);
    let cost = bill.cost.as_ref().and_then(|cost| cost.as_ref().ok()).map(|cost| cost::json(model, cost)).transpose()?;
    object["cost"] = json!(cost);
    if cost.is_none() {
        object["unpriced"] = json!(bill.price());
    }
    match telegram {
        Some(Ok(messages)) => object["telegram"] = json!({"messages": messages}),
        Some(Err(problem)) => object["telegram"] = json!({"error": asking::problem_json(problem)}),
        None => {}
    }
    Ok(object)
}
