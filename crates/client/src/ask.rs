//! Asks a model and reads its answer as it comes.

use crate::http::{Body, Cancel, Head, Http, Limits};
use crate::problem::{Kind, Problem};
use crate::target::Target;
use crate::wire::{self, Failed, Frame, Frames, Framing, Progress, Request, Said, quoted, recognise};
use modeldex_support::secret::mask_certain;
use modeldex_support::text::without_controls;
use modeldex_table::Api;
use serde_json::Value;
use std::time::{Duration, Instant, SystemTime};

/// Asks endpoints.
#[derive(Clone, Debug)]
pub struct Client {
    http: Http,
    limits: Limits,
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

impl Answer {
    /// Whether it was cut off at the most tokens that it may have.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.finish.as_deref().is_some_and(|reason| wire::CUT.contains(&reason))
    }
}

/// The first wait before the same is sent again; each next one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// A server that asks for more is not waited for: whoever asks can decide better what to do in that time.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Of an answer that is no success, no more is read than this.
const MOST_OF_AN_ERROR: usize = 1 << 20;

/// Once the text has ended, so long is waited for what was used; some servers never say it, and never hang up.
const AFTERWORD: Duration = Duration::from_secs(5);

/// A list of models on more pages has no end.
const MOST_PAGES: usize = 100;

/// Of an answer that was to come in pieces and does not, so much is kept to find out what it is.
const MOST_OF_A_STRANGER: usize = 4 << 20;

impl Client {
    /// A client that sends the same again up to `retries` times while a server has too much to do, and never otherwise.
    #[must_use]
    pub fn new(limits: Limits, retries: u32, cancel: Cancel) -> Self {
        Self { http: Http::new(limits, cancel), limits, retries }
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
        self.with_retries(target, listen, |listen| self.ask_once(target, request, listen))
    }

    /// The ids of the models that `target` lists, on however many pages.
    ///
    /// # Errors
    /// When it lists none, for whatever reason.
    pub fn models(&self, target: &Target<'_>) -> Result<Vec<String>, Problem> {
        let (mut ids, mut page) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let (some, next) = self.with_retries(target, &mut |_| {}, |_| self.list_once(target, page.as_deref()))?;
            ids.extend(some);
            if next.is_none() || next == page {
                return Ok(ids);
            }
            page = next;
        }
        Err(Problem::new(Kind::BadAnswer, format!("`{}` lists models on more than {MOST_PAGES} pages", target.shown())))
    }

    /// Does something, and again while the server has too much to do and nothing has come of it, but no longer than all of it may take.
    fn with_retries<T>(
        &self,
        target: &Target<'_>,
        listen: &mut dyn FnMut(Event<'_>),
        mut once: impl FnMut(&mut dyn FnMut(Event<'_>)) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let started = Instant::now();
        let mut tries = 0;
        loop {
            let mut heard = false;
            let done = once(&mut |event| {
                heard = true;
                listen(event);
            });
            let problem = match done {
                Ok(done) => return Ok(done),
                Err(problem) => problem.scrubbed(target.credential.key.as_ref().map(|key| &key.secret)),
            };
            let own = backoff(tries).min(LONGEST_WAIT);
            let wait = problem.retry_after.map_or(own, |asked| asked.max(own));
            let left = self.limits.whole.saturating_sub(started.elapsed());
            if heard || tries >= self.retries || !problem.kind.is_overload() || wait > LONGEST_WAIT || wait > left {
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

    /// One page of a list, and what is added to the address for the next.
    fn list_once(&self, target: &Target<'_>, page: Option<&str>) -> Result<(Vec<String>, Option<String>), Problem> {
        let mut call = target.list();
        call.url.push_str(page.unwrap_or(""));
        let (head, mut body) = self.http.send(call)?;
        let known = Known { target, model: None, head: &head };
        if head.status != 200 {
            return Err(known.problem(&known.text(&body.all(MOST_OF_AN_ERROR)?)));
        }
        let body = known.text(&body.all(usize::MAX)?);
        let json = serde_json::from_str::<Value>(&body).map_err(|_| known.stranger(&body))?;
        if json.get("error").is_some_and(|error| !error.is_null()) {
            return Err(known.said(&Said::of(&json)));
        }
        let ids = (target.protocol().ids)(&json).ok_or_else(|| known.stranger(&body))?;
        Ok((ids, (target.protocol().next_page)(&json)))
    }

    fn ask_once(&self, target: &Target<'_>, request: &Request<'_>, listen: &mut dyn FnMut(Event<'_>)) -> Result<Answer, Problem> {
        let started = Instant::now();
        let (head, mut body) = self.http.send(target.ask(request))?;
        let known = Known { target, model: Some(request.model), head: &head };
        let is = |kind: &str| head.content_type.starts_with(kind);
        if !(200..300).contains(&head.status) || is("text/html") {
            return Err(known.problem(&known.text(&body.all(MOST_OF_AN_ERROR)?)));
        }
        let mut reading = Reading { known, started, answer: Answer::default(), progress: Progress::default() };
        // Some servers send an answer whole though it was asked for in pieces, and some the other way round.
        if is("text/event-stream") || request.stream && !is("application/json") {
            reading.stream(&mut body, listen)?;
        } else {
            reading.whole(&mut body, listen)?;
        }
        reading.end()
    }
}

/// What is known of a reply when its body is read.
#[derive(Clone, Copy)]
struct Known<'k> {
    target: &'k Target<'k>,
    model: Option<&'k str>,
    head: &'k Head,
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

    /// A body as text, without a byte order mark and without the key, which servers like to repeat.
    fn text(&self, body: &[u8]) -> String {
        let text = String::from_utf8_lossy(body);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let text = self.target.credential.key.as_ref().map_or_else(|| text.to_owned(), |key| key.secret.scrub(text));
        log::trace!("answered: {}", without_controls(&mask_certain(&text)));
        text
    }

    fn problem(&self, body: &str) -> Problem {
        Failed { head: self.head, body, api: self.api(), model: self.model }.problem()
    }

    /// What an error inside of an answer that began well means.
    fn said(&self, said: &Said) -> Problem {
        let what = format!("`{}` failed while it answered{}", self.head.url, quoted(&said.message));
        Problem { kind: said.kind(), what, status: Some(self.head.status), retry_after: said.retry_after }
    }

    /// What an answer is that is none of the protocol's.
    fn stranger(&self, body: &str) -> Problem {
        let json = serde_json::from_str::<Value>(body).ok();
        let first = || {
            // The first event of a stream tells as much.
            let mut frames = Vec::new();
            Frames::new(Framing::Events).push(body.as_bytes(), &mut frames);
            frames.first().and_then(|frame| serde_json::from_str::<Value>(&frame.data).ok())
        };
        let Head { url, content_type, status, .. } = self.head;
        let api = self.api();
        let problem = |kind, what| Problem { kind, what, status: Some(*status), retry_after: None };
        match json.or_else(first).as_ref().and_then(recognise) {
            Some(spoken) if spoken != api => problem(Kind::WrongProtocol, format!("`{url}` answers like {spoken}, and was asked in {api}")),
            _ if content_type.starts_with("text/html") || body.trim_start().starts_with('<') => self.problem(body),
            _ => {
                let kind = if content_type.is_empty() { "without a type".to_owned() } else { format!("of type `{content_type}`") };
                problem(Kind::BadAnswer, format!("`{url}` answered {status} with a body {kind} that is no answer of {api}"))
            }
        }
    }
}

impl Reading<'_> {
    fn whole(&mut self, body: &mut Body, listen: &mut dyn FnMut(Event<'_>)) -> Result<(), Problem> {
        let text = self.known.text(&body.all(usize::MAX)?);
        match serde_json::from_str::<Value>(&text) {
            Ok(json) => self.take_whole(&json, &text, listen),
            Err(error) => {
                // A stream may come under the name of a whole.
                let mut frames = Frames::new(self.known.target.protocol().framing);
                let mut ready = Vec::new();
                frames.push(text.as_bytes(), &mut ready);
                frames.finish(&mut ready);
                self.take_frames(&mut ready, listen)?;
                match self.progress.recognised {
                    true => Ok(()),
                    false if error.is_eof() && !text.is_empty() => {
                        Err(Problem::new(Kind::CutOff, format!("the answer of `{}` ends in the middle", self.known.head.url)))
                    }
                    false => Err(self.known.stranger(&text)),
                }
            }
        }
    }

    fn take_whole(&mut self, json: &Value, text: &str, listen: &mut dyn FnMut(Event<'_>)) -> Result<(), Problem> {
        let read = (self.known.target.protocol().whole)(json, &mut self.progress);
        read.map_err(|said| self.known.said(&said))?;
        if !self.progress.recognised {
            return Err(self.known.stranger(text));
        }
        self.hand_on(listen);
        Ok(())
    }

    fn stream(&mut self, body: &mut Body, listen: &mut dyn FnMut(Event<'_>)) -> Result<(), Problem> {
        let protocol = self.known.target.protocol();
        let mut frames = Frames::new(protocol.framing);
        let (mut kept, mut ready, mut deadline) = (Vec::new(), Vec::new(), None);
        // Whoever has said that there is nothing more may keep the connection, and others wait for the next request on it.
        while !self.progress.ended {
            let piece = match body.piece_until(deadline) {
                Ok(Some(piece)) => piece,
                Ok(None) => break,
                // Whoever has said that the answer is whole may hang up as they like, or not.
                Err(problem) if self.progress.done && matches!(problem.kind, Kind::CutOff | Kind::Timeout) => return Ok(()),
                Err(problem) => return Err(problem),
            };
            if !self.progress.recognised && kept.len() < MOST_OF_A_STRANGER {
                kept.extend_from_slice(&piece);
            }
            if !frames.push(&piece, &mut ready) {
                return Err(Problem::new(Kind::BadAnswer, format!("`{}` sends a piece without an end", self.known.head.url)));
            }
            self.take_frames(&mut ready, listen)?;
            if self.progress.done && deadline.is_none() {
                deadline = Some(Instant::now() + AFTERWORD);
            }
        }
        frames.finish(&mut ready);
        self.take_frames(&mut ready, listen)?;
        if self.progress.recognised {
            return Ok(());
        }
        let kept = self.known.text(&kept);
        match serde_json::from_str::<Value>(&kept) {
            Ok(json) => self.take_whole(&json, &kept, listen),
            Err(_) if kept.is_empty() => {
                let Head { url, status, .. } = self.known.head;
                Err(Problem::new(Kind::CutOff, format!("`{url}` answered {status} and nothing else")))
            }
            Err(_) => Err(self.known.stranger(&kept)),
        }
    }

    fn take_frames(&mut self, ready: &mut Vec<Frame>, listen: &mut dyn FnMut(Event<'_>)) -> Result<(), Problem> {
        for frame in ready.drain(..) {
            let data = self.known.text(frame.data.as_bytes());
            if data == "[DONE]" {
                self.progress.done = true;
                self.progress.ended = true;
                continue;
            }
            let json = match serde_json::from_str::<Value>(&data) {
                Ok(json) => json,
                Err(_) if frame.event == "error" => {
                    return Err(self.known.said(&Said { message: data, ..Said::default() }));
                }
                // What is no JSON is somebody's remark between the pieces; a stream of nothing else is found out at its end.
                Err(_) => continue,
            };
            let read = (self.known.target.protocol().piece)(&frame.event, &json, &mut self.progress);
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
            self.progress.heard = true;
            listen(Event::Text(&text));
            self.answer.text.push_str(&text);
        }
    }

    fn end(self) -> Result<Answer, Problem> {
        let Self { known, started, mut answer, progress } = self;
        if !progress.done {
            return Err(Problem::new(Kind::CutOff, format!("the answer of `{}` ended without saying that it was whole", known.head.url)));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_reached_its_most_tokens_is_cut() {
        let ended = |finish: Option<&str>| Answer {
            text: String::new(),
            reasoning: String::new(),
            finish: finish.map(str::to_owned),
            usage: None,
            service_tier: None,
            first: Duration::ZERO,
            whole: Duration::ZERO,
        };
        assert!(["length", "max_tokens", "MAX_TOKENS", "max_output_tokens"].iter().all(|word| ended(Some(word)).is_cut()));
        assert!(![None, Some("stop"), Some("end_turn")].into_iter().any(|word| ended(word).is_cut()));
    }
}
