//! `message send`: sends a message to a model, prints the answer as it arrives, and then prints token counts, duration and cost.

use super::catalog_source::CatalogSource;
use super::failure::Failure;
use super::out::{self, Out};
use super::request::{self, RequestArgs};
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

/// Send a message to a model and print the answer
///
/// Prints the answer to stdout as it arrives, and then prints token counts, duration and cost to stderr. If the price of the model is unknown, the
/// cost is `unpriced`. The API key is taken from the first of these places that has a key: `--api-key`, the environment, the configuration.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The model, as `provider/model` [default: `default_model` of the configuration]
    #[arg(long, short, value_name = "REF")]
    model: Option<String>,
    /// The text of the message; `-` reads the text from stdin
    #[arg(long, short = 'M', value_name = "TEXT", allow_hyphen_values = true)]
    message: String,
    /// System prompt
    #[arg(long, value_name = "TEXT")]
    system: Option<String>,
    /// Maximum number of output tokens [default: chosen by the server]
    #[arg(long = "max-output-tokens", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_tokens: Option<u32>,
    /// Also send the answer to this service
    #[arg(long, value_enum, value_name = "WHERE")]
    target: Option<DeliveryTarget>,
    /// Request the whole answer instead of a stream
    #[arg(long)]
    no_stream: bool,
    /// Print the model's reasoning to stderr, if the provider returns it
    #[arg(long)]
    reasoning: bool,
    /// Send the message even if it exceeds the model's limits, or if the model is not a chat model
    #[arg(long)]
    ignore_limits: bool,
    /// Number of retries while the server is overloaded
    #[arg(long, value_name = "N", default_value_t = 3)]
    retries: u32,
    /// Print a JSON object with the answer, usage and cost
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    request: RequestArgs,
}

/// A service to which the answer is sent, in addition to stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum DeliveryTarget {
    /// A Telegram chat: TELEGRAM_CHAT_ID is the id of the chat, TELEGRAM_BOT_TOKEN is the token of the bot
    Telegram,
}

/// Default timeout for a whole answer. Long, because reasoning can take many minutes.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1800);

/// Maximum size of a message from stdin in bytes, larger than any context window.
const MAX_MESSAGE_BYTES: u64 = 64 << 20;

/// Usage and cost of an answer. Both are `None` if the server did not report usage; an error states why a reported usage is not valid, or why the
/// cost is unknown.
struct UsageAndCost<'a> {
    usage: Option<Result<Usage, String>>,
    cost: Option<Result<Cost<'a>, PriceError>>,
}

pub(crate) fn run(args: &Args, source: &CatalogSource, out: &mut Out) -> Result<(), Failure> {
    let config = Config::load()?;
    let loaded = source.load_for_use()?;
    let catalog = loaded.catalog();
    let reference = args.model.as_deref().or(config.settings.default_model.as_deref());
    let reference = reference.ok_or_else(|| {
        Failure::Usage(
            "no model given: use `--model provider/model`, or set a default with `modeldex config set default_model provider/model`"
                .to_owned(),
        )
    })?;
    let model = request::model(&catalog, reference, config)?;
    let text = message(&args.message)?;
    let shapes = loaded.shapes()?;
    args.request.places(config, |places| {
        // Resolved first: if the chat is not known, no request is sent.
        let chat = match args.target {
            Some(DeliveryTarget::Telegram) => Some(chat(config, places)?),
            None => None,
        };
        match send(args, model, &text, &shapes, places, chat.as_ref(), out) {
            Ok(undelivered) => undelivered.map_or(Ok(()), |problem| Err(problem.into())),
            Err(failure) => {
                if let (Failure::Problem(problem), true) = (&failure, args.json) {
                    let object = json!({"model": model.reference().to_string(), "error": request::problem_json(problem)});
                    writeln!(out, "{}", json::harmless(&object))?;
                    out.flush()?;
                }
                Err(failure)
            }
        }
    })
}

/// Sends the message and prints the answer. Returns the problem if the answer arrived but could not be delivered to the target.
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
            let (reference, kind) = (model.reference(), model.kind());
            return Err(ClientError::new(ErrorKind::Unsupported, format!("`{reference}` is a {kind} model, not a chat model")).into());
        }
        token_limits::check(model, &messages, args.max_tokens)?;
    }
    let endpoint = args.request.choice(config, provider.id()).for_model(model)?;
    let target = ResolvedEndpoint::resolve(provider, endpoint, places)?;
    if let Some(key) = target.credential.key.as_ref().filter(|key| key.trimmed) {
        out::warning(&format!("removed white space or quotes around {key_origin}", key_origin = key.describe_origin()));
    }
    let cancel = request::cancel_on_interrupt();
    let client = Client::new(args.request.limits(ANSWER_TIMEOUT), args.retries, cancel.clone());
    let max_tokens = args.max_tokens.or_else(|| {
        // Some wire protocols require a maximum. It is 4096 tokens if the catalog has no output limit for the model.
        wire::requires_max_tokens(endpoint.api()).then(|| token_limits::default_max_tokens(model, &messages).unwrap_or(4096))
    });
    let request = GenerateRequest { model: model.id(), messages: &messages, max_tokens, stream: !args.no_stream };
    let mut printer = AnswerPrinter { out, cancel, args, failed: None, ends_in_line: true };
    let answer = client.generate(&target, &request, &mut |event| printer.handle(&event));
    printer.end()?;
    let answer = answer?;
    let usage_and_cost = UsageAndCost::of(model, endpoint, shapes, &answer);
    if !args.json {
        summary(&answer, &usage_and_cost);
    }
    // The answer is paid for, so it is printed even if it cannot be delivered.
    let delivered = chat.map(|chat| deliver(chat, client.http(), &answer));
    if args.json {
        writeln!(out, "{}", json::harmless(&object(model, &answer, &usage_and_cost, delivered.as_ref())?))?;
        out.flush()?;
    }
    if let (Some(Ok(messages)), false) = (&delivered, args.json) {
        out::note(match messages {
            1 => "the answer was sent to Telegram in 1 message".to_owned(),
            messages => format!("the answer was sent to Telegram in {messages} messages"),
        });
    }
    Ok(delivered.and_then(Result::err))
}

/// Returns the text of the message: `argument`, or the text from stdin if `argument` is `-`.
fn message(argument: &str) -> Result<String, Failure> {
    let text = if argument == "-" {
        let mut text = String::new();
        let read = io::stdin().lock().take(MAX_MESSAGE_BYTES + 1).read_to_string(&mut text);
        read.map_err(|error| Failure::Failed(format!("cannot read stdin as UTF-8: {error}")))?;
        if text.len() as u64 > MAX_MESSAGE_BYTES {
            return Err(Failure::Failed(format!("the message is larger than {max_mib} MiB", max_mib = MAX_MESSAGE_BYTES >> 20)));
        }
        text
    } else {
        argument.to_owned()
    };
    if text.trim().is_empty() {
        return Err(Failure::Usage("the message to send is empty".to_owned()));
    }
    Ok(text)
}

/// Returns the Telegram chat, whose token and id are taken from the environment, else from the configuration.
fn chat(config: &Config, places: &CredentialLookup<'_>) -> Result<Chat, Failure> {
    let variable = |name: &'static str| credential::resolve_variable(name, places).map_err(|error| Failure::Failed(error.to_string()));
    let missing = |name: &str| {
        Failure::Failed(format!(
            "Telegram requires the variable {name}; set the variable, or store its value with `modeldex config set env.{name} -`"
        ))
    };
    let token = variable("TELEGRAM_BOT_TOKEN")?.ok_or_else(|| missing("TELEGRAM_BOT_TOKEN"))?.secret;
    let text = |key: credential::Key<'_>| key.secret.expose().to_owned();
    let chat_id = variable("TELEGRAM_CHAT_ID")?.map(text).or_else(|| config.settings.telegram.chat_id.clone());
    let chat_id = chat_id.ok_or_else(|| missing("TELEGRAM_CHAT_ID"))?;
    let api_base = variable("TELEGRAM_API_BASE")?.map(text).or_else(|| config.settings.telegram.api_base.clone());
    let api_base = api_base.unwrap_or_else(|| telegram::DEFAULT_API_BASE.to_owned());
    Ok(Chat::new(api_base, token, chat_id)?)
}

fn deliver(chat: &Chat, http: &HttpClient, answer: &GenerateResponse) -> Result<usize, ClientError> {
    if answer.text.trim().is_empty() {
        return Err(ClientError::new(ErrorKind::BadAnswer, "the answer is empty, so nothing was sent to Telegram".to_owned()));
    }
    chat.send(http, &answer.text)
}

/// Prints an answer while it arrives.
struct AnswerPrinter<'s> {
    out: &'s mut Out,
    cancel: CancelToken,
    args: &'s Args,
    failed: Option<io::Error>,
    ends_in_line: bool,
}

impl AnswerPrinter<'_> {
    fn handle(&mut self, event: &StreamEvent<'_>) {
        match event {
            StreamEvent::Text(text) if !self.args.json => {
                let text = if self.out.width().is_some() { out::running(text) } else { (*text).to_owned() };
                self.ends_in_line = text.ends_with('\n');
                if let Err(error) = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()) {
                    // Nothing reads stdout any more. The request is cancelled, so that no further output is paid for.
                    self.failed.get_or_insert(error);
                    self.cancel.cancel();
                }
            }
            StreamEvent::Reasoning(text) if self.args.reasoning => out::dimmed(&out::running(text)),
            StreamEvent::Retrying(problem, wait) => {
                let (problem, seconds) = (out::printable(&problem.message), wait.as_secs_f64());
                out::warning(&format!("{problem}; retrying in {seconds:.1} s"));
            }
            StreamEvent::Text(_) | StreamEvent::Reasoning(_) => {}
        }
    }

    /// Prints a newline if the answer does not end with one. Returns the first write error.
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

impl<'a> UsageAndCost<'a> {
    fn of(model: Model<'a>, endpoint: modeldex_table::Endpoint<'_>, shapes: &Shapes, answer: &GenerateResponse) -> Self {
        let Some(raw) = &answer.usage else { return Self { usage: None, cost: None } };
        let stated = answer.service_tier.as_deref().map(|word| Tier::parse(word).ok_or_else(|| UsageError::UnknownTier(word.to_owned())));
        let read = shapes.read_value(Some(endpoint.api()), raw).and_then(|read| Ok((read, stated.unwrap_or(Ok(read.tier))?)));
        match read {
            Ok((read, tier)) => {
                let tier = tier.unwrap_or(None);
                let context = RequestContext { tier, at: Some(units::now()), region: endpoint.region(), ..RequestContext::default() };
                Self { usage: Some(Ok(read.usage)), cost: Some(model.price(&read.usage, &context)) }
            }
            Err(error) => Self { usage: Some(Err(error.to_string())), cost: None },
        }
    }

    /// Formats the cost, or the reason why it is unknown.
    fn price(&self) -> String {
        match &self.cost {
            Some(Ok(cost)) => format!("{}{}", units::sign(cost.currency()), cost.amount()),
            Some(Err(error)) => format!("{}: {error}", error.code()),
            None => match &self.usage {
                Some(Err(reason)) => format!("unpriced: {reason}"),
                _ => "unpriced: the server did not report usage".to_owned(),
            },
        }
    }
}

/// Prints token counts, duration and cost to stderr.
fn summary(answer: &GenerateResponse, usage_and_cost: &UsageAndCost<'_>) {
    use modeldex_table::Meter::{CacheRead, Input, Output, Reasoning};
    let tokens = match &usage_and_cost.usage {
        Some(Ok(usage)) => {
            let cached = match usage.get(CacheRead) {
                0 => String::new(),
                cached => format!(" ({cached} of them cached)"),
            };
            let reasoning = match usage.get(Reasoning) {
                0 => String::new(),
                reasoning => format!(" ({reasoning} of them for reasoning)"),
            };
            let (input, output) = (usage.get(Input), usage.get(Output));
            format!("{input} input tokens{cached}, {output} output tokens{reasoning}")
        }
        Some(Err(_)) | None => "the token counts are unknown".to_owned(),
    };
    let seconds = answer.total_time.as_secs_f64();
    let first_token_seconds = answer.time_to_first_token.as_secs_f64();
    let duration = match answer.time_to_first_token.is_zero() {
        true => format!("{seconds:.2} s"),
        false => format!("{seconds:.2} s, {first_token_seconds:.2} s to the first token"),
    };
    let summary = format!("{tokens}  {duration}  {cost}", cost = usage_and_cost.price());
    out::note(out::printable(&summary));
    if answer.is_truncated() {
        out::warning("the answer was cut off at the maximum number of output tokens");
    } else if answer.text.is_empty() {
        out::warning("the answer has no text");
    }
}

/// Builds the JSON object that `--json` prints.
fn object(
    model: Model<'_>,
    answer: &GenerateResponse,
    usage_and_cost: &UsageAndCost<'_>,
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
    object["usage"] = usage_and_cost.usage.as_ref().and_then(|usage| usage.as_ref().ok()).map_or(Value::Null, counts);
    let cost = usage_and_cost.cost.as_ref().and_then(|cost| cost.as_ref().ok()).map(|cost| cost::json(model, cost)).transpose()?;
    object["cost"] = json!(cost);
    if cost.is_none() {
        object["unpriced"] = json!(usage_and_cost.price());
    }
    match telegram {
        Some(Ok(messages)) => object["telegram"] = json!({"messages": messages}),
        Some(Err(problem)) => object["telegram"] = json!({"error": request::problem_json(problem)}),
        None => {}
    }
    Ok(object)
}
