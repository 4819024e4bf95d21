//! Asks a model and reads its answer as it comes.

use crate::http::{Body, Cancel, Http, Limits};
use crate::problem::{Kind, Problem};
use crate::target::Target;
use crate::wire::{Failed, Frames, Framing, Progress, Request, Said, recognise};
use modeldex_table::Api;
use serde_json::Value;
use std::time::{Duration, Instant, SystemTime};

/// Asks endpoints.
#[derive(Clone, Debug)]
pub struct Client {
    http: Http,
    retries: u32,
}

/// What happens while an answer comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'e> {
    /// More of the answer.
    Text(&'e str),
    /// More of what the model thinks.
    Reasoning(&'e str),
    /// The server has too much to do; the same is sent again after this time.
    Waiting(&'e Problem, Duration),
}

/// A whole answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// What the model says.
    pub text: String,
    /// What it thought, where the provider shows that.
    pub reasoning: String,
    /// Why it ended, in the provider's own word.
    pub finish: Option<String>,
    /// What was used, as the provider's own JSON; `None` where it says nothing.
    pub usage: Option<Value>,
    /// The class of service that answered, in the provider's own word.
    pub service_tier: Option<String>,
    /// Until the first piece of it.
    pub first: Duration,
    /// Until all of it.
    pub whole: Duration,
}

/// The first wait before the same is sent again; each next one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// A server that asks for more is not waited for: whoever asks can decide better what to do in that time.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Of an answer that is no success, no more is read than this.
const MOST_OF_AN_ERROR: usize = 64 << 10;

/// Of an answer that was to come in pieces and does not, so much is kept to find out what it is.
const MOST_OF_A_STRANGER: usize = 4 << 20;

impl Client {
    /// A client that sends the same again up to `retries` times while a server has too much to do, and never otherwise.
    #[must_use]
    pub fn new(limits: Limits, retries: u32, cancel: Cancel) -> Self {
        Self { http: Http::new(limits, cancel), retries }
    }

    /// The client's way to the network.
    #[must_use]
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// Asks `target`. `listen` hears of everything as it happens.
    ///
    /// # Errors
    /// When there is no whole answer. What had come of it, `listen` has heard.
    pub fn ask(&self, target: &Target<'_>, request: &Request<'_>, listen: &mut dyn FnMut(Event<'_>)) -> Result<Answer, Problem> {
        let mut tries = 0;
        loop {
            let mut heard = false;
            let done = self.ask_once(target, request, &mut |event| {
                heard = true;
                listen(event);
            });
            let problem = match done {
                Ok(answer) => return Ok(answer),
                Err(problem) => problem.scrubbed(target.credential.key.as_ref().map(|key| &key.secret)),
            };
            let wait = problem.retry_after.unwrap_or_else(|| backoff(tries));
            if heard || tries >= self.retries || !problem.kind.is_overload() || wait > LONGEST_WAIT {
                return Err(problem);
            }
            listen(Event::Waiting(&problem, wait));
            log::info!("{problem}; sent again after {} ms", wait.as_millis());
            if self.http.cancel().sleep(wait) {
                return Err(Problem::new(Kind::Cancelled, format!("the request to `{}` was called off", target.shown())));
            }
            tries += 1;
        }
    }

    /// The ids of the models that `target` lists.
    ///
    /// # Errors
    /// When it lists none, for whatever reason.
    pub fn models(&self, target: &Target<'_>) -> Result<Vec<String>, Problem> {
        let listed = self.list_once(target);
        listed.map_err(|problem| problem.scrubbed(target.credential.key.as_ref().map(|key| &key.secret)))
    }

    fn list_once(&self, target: &Target<'_>) -> Result<Vec<String>, Problem> {
        let mut reply = self.http.send(target.list())?;
        let failed = Known { target, model: None, status: reply.status, content_type: &reply.content_type, url: &reply.url };
        if reply.status != 200 {
            let body = reply.body.all(MOST_OF_AN_ERROR)?;
            return Err(failed.problem(&body, reply.retry_after, reply.location.as_deref()));
        }
        let body = reply.body.all(usize::MAX)?;
        let json = serde_json::from_slice::<Value>(&body).map_err(|_| failed.stranger(&body))?;
        target.protocol().ids(&json).ok_or_else(|| failed.stranger(&body))
    }

    fn ask_once(&self, target: &Target<'_>, request: &Request<'_>, listen: &mut dyn FnMut(Event<'_>)) -> Result<Answer, Problem> {
        let started = Instant::now();
        let mut reply = self.http.send(target.ask(request))?;
        let known = Known { target, model: Some(request.model), status: reply.status, content_type: &reply.content_type, url: &reply.url };
        if !(200..300).contains(&reply.status) {
            let body = reply.body.all(MOST_OF_AN_ERROR)?;
            return Err(known.problem(&body, reply.retry_after, reply.location.as_deref()));
        }
        if reply.content_type.starts_with("text/html") {
            let body = reply.body.all(MOST_OF_AN_ERROR)?;
            return Err(known.stranger(&body));
        }
        let mut reading = Reading { known, started, answer: Answer::default(), progress: Progress::default() };
        // Some servers send an answer whole though it was asked for in pieces, and some the other way round.
        let is = |kind: &str| reply.content_type.starts_with(kind);
        if is("text/event-stream") || request.stream && !is("application/json") {
            reading.stream(&mut reply.body, listen)?;
        } else {
            reading.whole(&mut reply.body, listen)?;
        }
        reading.end()
    }
}

/// What is known of a reply when its body is read.
#[derive(Clone, Copy)]
struct Known<'k> {
    target: &'k Target<'k>,
    model: Option<&'k str>,
    status: u16,
    content_type: &'k str,
    url: &'k str,
}

struct Reading<'k> {
    known: Known<'k>,
    started: Instant,
    answer: Answer,
    progress: Progress,
}

impl Known<'_> {
    fn api(&self) -> Api {
        self.target.endpoint.api()
    }

    fn problem(&self, body: &[u8], retry_after: Option<Duration>, location: Option<&str>) -> Problem {
        let body = String::from_utf8_lossy(body);
        log::trace!("answered: {}", self.scrubbed(&body));
        let Self { model, status, content_type, url, .. } = *self;
        Failed { status, content_type, body: &body, url, api: self.api(), model, retry_after, location }.problem()
    }

    /// Text without the key, for the log.
    fn scrubbed(&self, text: &str) -> String {
        self.target.credential.key.as_ref().map_or_else(|| text.to_owned(), |key| key.secret.scrub(text))
    }

    /// What an error inside of an answer that began well means.
    fn said(&self, said: &Said) -> Problem {
        let message = said.message.chars().filter(|letter| !letter.is_control()).take(300).collect::<String>();
        let mut problem = Problem::new(said.kind(), format!("`{}` failed while it answered: \"{message}\"", self.url));
        problem.status = Some(self.status);
        problem
    }

    /// What an answer is that is none of the protocol's.
    fn stranger(&self, body: &[u8]) -> Problem {
        let text = String::from_utf8_lossy(body);
        log::trace!("answered: {}", self.scrubbed(&text));
        let json = serde_json::from_str::<Value>(&text).ok();
        let first = || {
            // The first event of a stream tells as much.
            let mut frames = Vec::new();
            Frames::new(Framing::Events).push(body, &mut frames);
            frames.first().and_then(|frame| serde_json::from_str::<Value>(&frame.data).ok())
        };
        let (url, api) = (self.url, self.api());
        match json.or_else(first).as_ref().and_then(recognise) {
            Some(spoken) if spoken != api => {
                let mut problem = Problem::new(Kind::WrongProtocol, format!("`{url}` answers like {spoken}, and was asked in {api}"));
                problem.status = Some(self.status);
                problem
            }
            _ if self.content_type.starts_with("text/html") || text.trim_start().starts_with('<') => self.problem(body, None, None),
            _ => {
                let kind =
                    if self.content_type.is_empty() { "without a type".to_owned() } else { format!("of type `{}`", self.content_type) };
                let mut problem = Problem::new(
                    Kind::BadAnswer,
                    format!("`{url}` answered {} with a body {kind} that is no answer of {api}", self.status),
                );
                problem.status = Some(self.status);
                problem
            }
        }
    }
}

impl Reading<'_> {
    fn whole(&mut self, body: &mut Body, listen: &mut dyn FnMut(Event<'_>)) -> Result<(), Problem> {
        let bytes = body.all(usize::MAX)?;
        log::trace!("answered: {}", self.known.scrubbed(&String::from_utf8_lossy(&bytes)));
        let json = serde_json::from_slice::<Value>(&bytes).map_err(|error| {
            if error.is_eof() && !bytes.is_empty() {
                return Problem::new(Kind::CutOff, format!("the answer of `{}` ends in the middle", self.known.url));
            }
            self.known.stranger(&bytes)
        })?;
        self.take_whole(&json, &bytes, listen)
    }

    fn take_whole(&mut self, json: &Value, bytes: &[u8], listen: &mut dyn FnMut(Event<'_>)) -> Result<(), Problem> {
        let read = self.known.target.protocol().whole(json, &mut self.progress);
        read.map_err(|said| self.known.said(&said))?;
        if !self.progress.recognised {
            return Err(self.known.stranger(bytes));
        }
        self.hand_on(listen);
        Ok(())
    }

    fn stream(&mut self, body: &mut Body, listen: &mut dyn FnMut(Event<'_>)) -> Result<(), Problem> {
        let protocol = self.known.target.protocol();
        let mut frames = Frames::new(protocol.framing());
        let mut kept = Vec::new();
        let mut ready = Vec::new();
        loop {
            let piece = match body.piece() {
                Ok(piece) => piece,
                // Whoever has said that the answer is whole may hang up as they like.
                Err(problem) if problem.kind == Kind::CutOff && self.progress.done => return Ok(()),
                Err(problem) => return Err(problem),
            };
            let Some(piece) = piece else { break };
            log::trace!("piece: {}", self.known.scrubbed(&String::from_utf8_lossy(&piece)));
            if !self.progress.recognised && kept.len() < MOST_OF_A_STRANGER {
                kept.extend_from_slice(&piece);
            }
            if !frames.push(&piece, &mut ready) {
                return Err(Problem::new(Kind::BadAnswer, format!("`{}` sends a piece without an end", self.known.url)));
            }
            self.take_frames(&mut ready, listen)?;
        }
        frames.finish(&mut ready);
        self.take_frames(&mut ready, listen)?;
        if self.progress.recognised {
            return Ok(());
        }
        match serde_json::from_slice::<Value>(&kept) {
            Ok(json) => self.take_whole(&json, &kept, listen),
            Err(_) if kept.is_empty() => {
                Err(Problem::new(Kind::CutOff, format!("`{}` answered {} and nothing else", self.known.url, self.known.status)))
            }
            Err(_) => Err(self.known.stranger(&kept)),
        }
    }

    fn take_frames(&mut self, ready: &mut Vec<crate::wire::Frame>, listen: &mut dyn FnMut(Event<'_>)) -> Result<(), Problem> {
        for frame in ready.drain(..) {
            if frame.data == "[DONE]" {
                self.progress.done = true;
                continue;
            }
            // What is no JSON is somebody's remark between the pieces; a stream of nothing else is found out at its end.
            let Ok(json) = serde_json::from_str::<Value>(&frame.data) else { continue };
            let read = self.known.target.protocol().piece(&frame.event, &json, &mut self.progress);
            read.map_err(|said| self.known.said(&said))?;
            self.hand_on(listen);
        }
        Ok(())
    }

    fn hand_on(&mut self, listen: &mut dyn FnMut(Event<'_>)) {
        let (text, reasoning) = (std::mem::take(&mut self.progress.text), std::mem::take(&mut self.progress.reasoning));
        if self.answer.first.is_zero() && !(text.is_empty() && reasoning.is_empty()) {
            self.answer.first = self.started.elapsed();
        }
        if !reasoning.is_empty() {
            listen(Event::Reasoning(&reasoning));
            self.answer.reasoning.push_str(&reasoning);
        }
        if !text.is_empty() {
            listen(Event::Text(&text));
            self.answer.text.push_str(&text);
        }
    }

    fn end(self) -> Result<Answer, Problem> {
        let Self { known, started, mut answer, progress } = self;
        if !progress.done {
            return Err(Problem::new(Kind::CutOff, format!("the answer of `{}` ended without saying that it was whole", known.url)));
        }
        answer.finish = progress.finish;
        answer.usage = progress.usage;
        answer.service_tier = progress.service_tier;
        answer.whole = started.elapsed();
        Ok(answer)
    }
}

/// Twice as long each time, and a little off, so that those who were turned away together do not come back together.
fn backoff(tries: u32) -> Duration {
    let wait = FIRST_WAIT * 2_u32.saturating_pow(tries.min(16));
    let noise = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.subsec_nanos() % 1000);
    wait.mul_f64(0.75 + f64::from(noise) / 2000.0)
}
