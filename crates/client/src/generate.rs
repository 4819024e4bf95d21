//! The [`Client`], which sends requests to models and reads the responses as they arrive.

use crate::endpoint::ResolvedEndpoint;
use crate::error::{ClientError, ErrorKind};
use crate::http::{CancelToken, HttpClient, HttpLimits, ResponseBody, ResponseHead};
use crate::secret::{MaskStream, Secret, mask_stream, redact_for_log};
use crate::wire::{
    self, ErrorResponse, FailedResponse, Frame, FrameReader, Framing, GenerateRequest, ResponseState, detect_protocol, quote,
};
use modeldex_table::Api;
use serde_json::Value;
use std::time::{Duration, Instant, SystemTime};

/// Client of model APIs, which generates responses and lists models. The client retries requests while a server is overloaded.
#[derive(Clone, Debug)]
pub struct Client {
    http: HttpClient,
    limits: HttpLimits,
    max_retries: u32,
}

/// Event that [`Client::generate`] emits while it waits for a response or reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamEvent<'e> {
    /// The next part of the response text.
    Text(&'e str),
    /// The next part of the reasoning text.
    Reasoning(&'e str),
    /// The server rejected the request because of overload or a rate limit. The fields are the error, and the time after which the client retries the
    /// request.
    Retrying(&'e ClientError, Duration),
}

/// Complete response of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GenerateResponse {
    /// Response text.
    pub text: String,
    /// Reasoning text; empty if the provider returned no reasoning.
    pub reasoning: String,
    /// Finish reason, as the provider spells it; `None` if the provider sent no finish reason.
    pub finish_reason: Option<String>,
    /// Usage object, as the provider sent it; `None` if the provider sent no usage object.
    pub usage: Option<Value>,
    /// Service tier that processed the request, as the provider spells it; `None` if the provider stated no tier.
    pub service_tier: Option<String>,
    /// Time from sending the request to the first part of the text or reasoning; zero if the response has neither.
    pub time_to_first_token: Duration,
    /// Time from sending the request to the end of the response.
    pub total_time: Duration,
}

impl GenerateResponse {
    /// Returns whether the response ends early because it reached the output token limit.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.finish_reason.as_deref().is_some_and(|reason| wire::TRUNCATED_FINISH_REASONS.contains(&reason))
    }
}

/// Time to wait before the first retry; doubled for each further retry.
const FIRST_RETRY_WAIT: Duration = Duration::from_millis(500);

/// Longest time to wait before an automatic retry. If the server asks for a longer wait, the error is returned, and the caller decides when to
/// retry.
const MAX_RETRY_WAIT: Duration = Duration::from_secs(30);

/// Maximum number of bytes read from the body of an error response.
const MAX_ERROR_BODY_BYTES: usize = 1 << 20;

/// Longest time to wait for the usage object after the end of the text. Some servers keep the connection open and never send a usage object.
const USAGE_WAIT: Duration = Duration::from_secs(5);

/// Maximum number of pages read from a list of models. A list with more pages is probably endless, and is an error.
const MAX_LIST_PAGES: usize = 100;

/// Maximum number of bytes kept from a body that is not the expected stream. The bytes are used to classify the error.
const MAX_UNRECOGNIZED_BODY_BYTES: usize = 4 << 20;

/// Maximum size of a response that is not a stream, of a page of a list of models, and of the text of a stream, in bytes after decompression. A stream
/// may be larger than its text.
const MAX_WHOLE_BODY_BYTES: usize = 8 << 20;

/// Maximum number of values in the JSON of a response or of an event. A value takes up to 500 bytes of memory. The longest list of models that is known
/// has a quarter of this number.
const MAX_JSON_VALUES: usize = 250_000;

/// Maximum number of events in a stream. An event has one token or more; at 100 events a second, the limit is reached after 33 minutes.
const MAX_EVENTS: usize = 200_000;

impl Client {
    /// Creates a client with the limits `limits`. The token `cancel` cancels the requests of the client. If a server rejects a request because of
    /// overload or a rate limit, the request is retried up to `max_retries` times. Requests that fail with another error are not retried.
    #[must_use]
    pub fn new(limits: HttpLimits, max_retries: u32, cancel: CancelToken) -> Self {
        Self { http: HttpClient::new(limits, cancel), limits, max_retries }
    }

    /// Returns the HTTP client that sends the requests.
    #[must_use]
    pub fn http(&self) -> &HttpClient {
        &self.http
    }

    /// Sends `request` to `endpoint`, calls `on_event` for each event, and returns the complete response.
    ///
    /// # Errors
    /// Returns an error if the request fails, or if the response ends early. If the response ends early, `on_event` has already been called for the
    /// part that arrived.
    pub fn generate(
        &self,
        endpoint: &ResolvedEndpoint<'_>,
        request: &GenerateRequest<'_>,
        on_event: &mut dyn FnMut(StreamEvent<'_>),
    ) -> Result<GenerateResponse, ClientError> {
        self.with_retries(endpoint, on_event, |on_event| self.generate_once(endpoint, request, on_event))
    }

    /// Returns the ids of the models that `endpoint` lists, from all pages of the list.
    ///
    /// # Errors
    /// Returns an error if the request fails, or if the response is not a list of models.
    pub fn list_models(&self, endpoint: &ResolvedEndpoint<'_>) -> Result<Vec<String>, ClientError> {
        let (mut ids, mut page) = (Vec::new(), None);
        for _ in 0..MAX_LIST_PAGES {
            let (page_ids, next) = self.with_retries(endpoint, &mut |_| {}, |_| self.list_page(endpoint, page.as_deref()))?;
            ids.extend(page_ids);
            if next.is_none() || next == page {
                return Ok(ids);
            }
            page = next;
        }
        let base_url = endpoint.redacted_base_url();
        let message = format!("the list of models at `{base_url}` has more than {MAX_LIST_PAGES} pages, and is probably endless");
        Err(ClientError::new(ErrorKind::BadAnswer, message))
    }

    /// Runs `attempt`. Repeats `attempt` while the server is overloaded, no event has been emitted, and the total timeout leaves enough time.
    fn with_retries<T>(
        &self,
        endpoint: &ResolvedEndpoint<'_>,
        on_event: &mut dyn FnMut(StreamEvent<'_>),
        mut attempt: impl FnMut(&mut dyn FnMut(StreamEvent<'_>)) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        let started = Instant::now();
        let mut retries = 0;
        loop {
            let mut has_events = false;
            let result = attempt(&mut |event| {
                has_events = true;
                on_event(event);
            });
            let key = endpoint.credential.key.as_ref().map(|key| &key.secret);
            let error = match result {
                Ok(value) => return Ok(value),
                Err(error) => error.redacted(key),
            };
            let backoff = backoff(retries).min(MAX_RETRY_WAIT);
            let wait = error.retry_after.map_or(backoff, |retry_after| retry_after.max(backoff));
            let left = self.limits.total_timeout.saturating_sub(started.elapsed());
            if has_events || retries >= self.max_retries || !error.kind.is_overload() || wait > MAX_RETRY_WAIT || wait > left {
                return Err(error);
            }
            on_event(StreamEvent::Retrying(&error, wait));
            log::info!(
                "{error}; the request is retried in {milliseconds} ms",
                error = redact_for_log(&error.to_string(), key),
                milliseconds = wait.as_millis()
            );
            if self.http.cancel_token().sleep(wait) {
                let base_url = endpoint.redacted_base_url();
                return Err(ClientError::new(ErrorKind::Cancelled, format!("the request to `{base_url}` was cancelled")));
            }
            retries += 1;
        }
    }

    /// Requests one page of the list of models. Returns the model ids of the page, and the query suffix of the next page. The suffix is `None` on the
    /// last page.
    fn list_page(&self, endpoint: &ResolvedEndpoint<'_>, page: Option<&str>) -> Result<(Vec<String>, Option<String>), ClientError> {
        let mut request = endpoint.list_request();
        request.url.push_str(page.unwrap_or(""));
        let (head, mut body) = self.http.send(request)?;
        let context = ResponseContext { endpoint, model: None, head: &head };
        if head.status != 200 {
            return Err(context.failed_response(&context.decode(&body.read_up_to(MAX_ERROR_BODY_BYTES)?)));
        }
        let body = context.decode(&body.read_to_end(MAX_WHOLE_BODY_BYTES)?);
        context.check_value_count(&body)?;
        let json = serde_json::from_str::<Value>(&body).map_err(|_| context.unrecognized_body(&body))?;
        if json.get("error").is_some_and(|error| !error.is_null()) {
            return Err(context.error_in_body(&ErrorResponse::parse(&json)));
        }
        let ids = (endpoint.protocol().model_ids)(&json).ok_or_else(|| context.unrecognized_body(&body))?;
        Ok((ids, (endpoint.protocol().next_page)(&json)))
    }

    fn generate_once(
        &self,
        endpoint: &ResolvedEndpoint<'_>,
        request: &GenerateRequest<'_>,
        on_event: &mut dyn FnMut(StreamEvent<'_>),
    ) -> Result<GenerateResponse, ClientError> {
        let started = Instant::now();
        let (head, body) = self.http.send(endpoint.generate_request(request))?;
        Self::read_response(endpoint, request, &head, body, started, on_event)
    }

    /// Reads the response to `request`, whose head has arrived.
    pub(crate) fn read_response(
        endpoint: &ResolvedEndpoint<'_>,
        request: &GenerateRequest<'_>,
        head: &ResponseHead,
        mut body: ResponseBody,
        started: Instant,
        on_event: &mut dyn FnMut(StreamEvent<'_>),
    ) -> Result<GenerateResponse, ClientError> {
        let context = ResponseContext { endpoint, model: Some(request.model), head };
        let is = |content_type: &str| head.content_type.starts_with(content_type);
        if !(200..300).contains(&head.status) || is("text/html") {
            return Err(context.failed_response(&context.decode(&body.read_up_to(MAX_ERROR_BODY_BYTES)?)));
        }
        let mut reader = ResponseReader::new(context, started);
        // Some servers send a whole body although the request asks for a stream, and others send a stream although the request does not.
        let is_stream = is("text/event-stream") || request.stream && !is("application/json");
        let read = if is_stream { reader.read_stream(&mut body, on_event) } else { reader.read_whole(&mut body, on_event) };
        reader.emit_held(on_event);
        read?;
        reader.finish()
    }
}

/// Request and response head, for decoding a body and for error messages.
#[derive(Clone, Copy)]
struct ResponseContext<'c> {
    endpoint: &'c ResolvedEndpoint<'c>,
    model: Option<&'c str>,
    head: &'c ResponseHead,
}

struct ResponseReader<'c> {
    context: ResponseContext<'c>,
    started: Instant,
    response: GenerateResponse,
    state: ResponseState,
    /// Number of events of the stream so far.
    events: usize,
    /// Masks the key in the text, where the key may be split over several events of a stream.
    text: MaskStream,
    /// Masks the key in the reasoning.
    reasoning: MaskStream,
}

impl ResponseContext<'_> {
    fn api(&self) -> Api {
        self.endpoint.endpoint.api()
    }

    /// Decodes a body as UTF-8, removes a byte order mark, and masks the key, because servers often repeat the key in errors.
    fn decode(&self, body: &[u8]) -> String {
        let text = self.decode_quietly(body);
        log::trace!("received: {text}", text = redact_for_log(&text, self.key()));
        text
    }

    /// Decodes a body like [`ResponseContext::decode`], without logging it.
    fn decode_quietly(&self, body: &[u8]) -> String {
        let text = String::from_utf8_lossy(body);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        self.key().map_or_else(|| text.to_owned(), |key| key.redact(text))
    }

    /// Fails if the JSON `text` has more than [`MAX_JSON_VALUES`] values.
    fn check_value_count(&self, text: &str) -> Result<(), ClientError> {
        if wire::value_count(text) <= MAX_JSON_VALUES {
            return Ok(());
        }
        let url = &self.head.url;
        let message = format!("`{url}` sent JSON with more values than the limit of {MAX_JSON_VALUES}");
        Err(ClientError::new(ErrorKind::BadAnswer, message))
    }

    fn key(&self) -> Option<&Secret> {
        self.endpoint.credential.key.as_ref().map(|key| &key.secret)
    }

    fn failed_response(&self, body: &str) -> ClientError {
        FailedResponse { head: self.head, body, api: self.api(), model: self.model }.to_error()
    }

    /// Converts an error object in a response with a success status.
    fn error_in_body(&self, error: &ErrorResponse) -> ClientError {
        let (url, server_message) = (&self.head.url, quote(&error.message));
        let message = format!("`{url}` reported an error in its response{server_message}");
        ClientError { kind: error.kind(), message, status: Some(self.head.status), retry_after: error.retry_after }
    }

    /// Returns the error for a body that is not a response of the endpoint's wire protocol.
    fn unrecognized_body(&self, body: &str) -> ClientError {
        let json = serde_json::from_str::<Value>(body).ok();
        let first_event = || {
            // The first event of a stream is enough to detect its protocol.
            let mut frames = Vec::new();
            FrameReader::new(Framing::Events).push(body.as_bytes(), &mut frames);
            frames.first().and_then(|frame| serde_json::from_str::<Value>(&frame.data).ok())
        };
        let ResponseHead { url, content_type, status, .. } = self.head;
        let api = self.api();
        let error = |kind, message| ClientError { kind, message, status: Some(*status), retry_after: None };
        match json.or_else(first_event).as_ref().and_then(detect_protocol) {
            Some(detected) if detected != api => {
                let message = format!("`{url}` responds in the wire protocol `{detected}`, but the `api` of the endpoint is `{api}`");
                error(ErrorKind::WrongProtocol, message)
            }
            _ if content_type.starts_with("text/html") || body.trim_start().starts_with('<') => self.failed_response(body),
            _ if content_type.is_empty() => error(
                ErrorKind::BadAnswer,
                format!("`{url}` returned status {status} and a body without content type; the body is not in the protocol `{api}`"),
            ),
            _ => error(
                ErrorKind::BadAnswer,
                format!("`{url}` returned status {status} and a body of type `{content_type}`; the body is not in the protocol `{api}`"),
            ),
        }
    }
}

impl<'c> ResponseReader<'c> {
    fn new(context: ResponseContext<'c>, started: Instant) -> Self {
        let stream = || mask_stream(context.key());
        let (text, reasoning) = (stream(), stream());
        Self { context, started, response: GenerateResponse::default(), state: ResponseState::default(), events: 0, text, reasoning }
    }

    fn read_whole(&mut self, body: &mut ResponseBody, on_event: &mut dyn FnMut(StreamEvent<'_>)) -> Result<(), ClientError> {
        let text = self.context.decode(&body.read_to_end(MAX_WHOLE_BODY_BYTES)?);
        self.context.check_value_count(&text)?;
        match serde_json::from_str::<Value>(&text) {
            Ok(json) => self.take_whole(&json, &text, on_event),
            Err(error) => {
                // The body may be a stream with the content type of a whole response.
                let mut reader = FrameReader::new(self.context.endpoint.protocol().framing);
                let mut frames = Vec::new();
                reader.push(text.as_bytes(), &mut frames);
                reader.finish(&mut frames);
                self.take_frames(&mut frames, on_event)?;
                match self.state.is_recognized {
                    true => Ok(()),
                    false if error.is_eof() && !text.is_empty() => {
                        let url = &self.context.head.url;
                        Err(ClientError::new(ErrorKind::CutOff, format!("the response of `{url}` ended before its JSON was complete")))
                    }
                    false => Err(self.context.unrecognized_body(&text)),
                }
            }
        }
    }

    fn take_whole(&mut self, json: &Value, text: &str, on_event: &mut dyn FnMut(StreamEvent<'_>)) -> Result<(), ClientError> {
        let read = (self.context.endpoint.protocol().read_whole)(json, &mut self.state);
        read.map_err(|error| self.context.error_in_body(&error))?;
        if !self.state.is_recognized {
            return Err(self.context.unrecognized_body(text));
        }
        self.emit_pending(on_event);
        Ok(())
    }

    fn read_stream(&mut self, body: &mut ResponseBody, on_event: &mut dyn FnMut(StreamEvent<'_>)) -> Result<(), ClientError> {
        let protocol = self.context.endpoint.protocol();
        let mut reader = FrameReader::new(protocol.framing);
        let (mut unrecognized, mut frames, mut deadline) = (Vec::new(), Vec::new(), None);
        // Some servers keep the connection open after the last event of the protocol, to wait for the next request.
        while !self.state.is_stream_finished {
            let chunk = match body.next_chunk_before(deadline) {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                // The text is complete, so a broken connection or a timeout is not an error.
                Err(error) if self.state.is_text_finished && matches!(error.kind, ErrorKind::CutOff | ErrorKind::Timeout) => return Ok(()),
                Err(error) => return Err(error),
            };
            if !self.state.is_recognized && unrecognized.len() < MAX_UNRECOGNIZED_BODY_BYTES {
                unrecognized.extend_from_slice(&chunk);
            }
            if !reader.push(&chunk, &mut frames) {
                let (url, limit) = (&self.context.head.url, wire::MAX_FRAME_BYTES >> 20);
                let message = format!("`{url}` sent a stream event that is larger than the limit of {limit} MiB");
                return Err(ClientError::new(ErrorKind::BadAnswer, message));
            }
            self.take_frames(&mut frames, on_event)?;
            if self.state.is_text_finished && deadline.is_none() {
                deadline = Some(Instant::now() + USAGE_WAIT);
            }
        }
        reader.finish(&mut frames);
        self.take_frames(&mut frames, on_event)?;
        if self.state.is_recognized {
            return Ok(());
        }
        let body = self.context.decode(&unrecognized);
        self.context.check_value_count(&body)?;
        match serde_json::from_str::<Value>(&body) {
            Ok(json) => self.take_whole(&json, &body, on_event),
            Err(_) if body.is_empty() => {
                let ResponseHead { url, status, .. } = self.context.head;
                Err(ClientError::new(ErrorKind::CutOff, format!("`{url}` returned status {status} and an empty body")))
            }
            Err(_) => Err(self.context.unrecognized_body(&body)),
        }
    }

    fn take_frames(&mut self, frames: &mut Vec<Frame>, on_event: &mut dyn FnMut(StreamEvent<'_>)) -> Result<(), ClientError> {
        // What follows the end of the stream is not part of the response, whether it arrives in the same chunk or later.
        if self.state.is_stream_finished {
            frames.clear();
        }
        for frame in frames.drain(..) {
            self.events += 1;
            if self.events > MAX_EVENTS {
                let url = &self.context.head.url;
                let message = format!("`{url}` sent a stream with more events than the limit of {MAX_EVENTS}");
                return Err(ClientError::new(ErrorKind::BadAnswer, message));
            }
            let data = self.context.decode_quietly(frame.data.as_bytes());
            if data == "[DONE]" {
                self.state.is_text_finished = true;
                self.state.is_stream_finished = true;
                break;
            }
            self.context.check_value_count(&data)?;
            let json = match serde_json::from_str::<Value>(&data) {
                Ok(json) => json,
                Err(_) if frame.event == "error" => {
                    return Err(self.context.error_in_body(&ErrorResponse { message: data, ..ErrorResponse::default() }));
                }
                // Some gateways insert events that are not JSON. A stream without any JSON is reported at its end.
                Err(_) => continue,
            };
            let read = (self.context.endpoint.protocol().read_event)(&frame.event, &json, &mut self.state);
            if log::log_enabled!(log::Level::Trace) {
                log::trace!("received: {text}", text = redact_for_log(&self.without_pending(json).to_string(), self.context.key()));
            }
            read.map_err(|error| self.context.error_in_body(&error))?;
            self.emit_pending(on_event);
            if self.response.text.len() + self.response.reasoning.len() > MAX_WHOLE_BODY_BYTES {
                let (url, limit) = (&self.context.head.url, MAX_WHOLE_BODY_BYTES >> 20);
                let message = format!("`{url}` sent a stream whose text is larger than the limit of {limit} MiB");
                return Err(ClientError::new(ErrorKind::BadAnswer, message));
            }
            if self.state.is_stream_finished {
                break;
            }
        }
        Ok(())
    }

    /// Returns an event of a stream for the log, without the parts of the response in it, which may contain parts of the key.
    fn without_pending(&self, mut event: Value) -> Value {
        fn replace(value: &mut Value, parts: [&str; 2]) {
            let is_part = |text: &str, part: &str| part.contains(text) || !part.is_empty() && text.contains(part);
            match value {
                Value::String(text) if !text.is_empty() && parts.iter().any(|part| is_part(text, part)) => {
                    *text = format!("({count} characters)", count = text.chars().count());
                }
                Value::Array(items) => items.iter_mut().for_each(|item| replace(item, parts)),
                Value::Object(fields) => fields.values_mut().for_each(|field| replace(field, parts)),
                _ => {}
            }
        }
        replace(&mut event, [&self.state.pending_text, &self.state.pending_reasoning]);
        event
    }

    /// Emits the text and reasoning that were read since the last call.
    fn emit_pending(&mut self, on_event: &mut dyn FnMut(StreamEvent<'_>)) {
        let (text, reasoning) = (std::mem::take(&mut self.state.pending_text), std::mem::take(&mut self.state.pending_reasoning));
        if self.response.time_to_first_token.is_zero() && !(text.is_empty() && reasoning.is_empty()) {
            self.response.time_to_first_token = self.started.elapsed();
        }
        self.state.has_text |= !text.is_empty();
        let (text, reasoning) = (self.text.push(&text), self.reasoning.push(&reasoning));
        self.emit(&text, &reasoning, on_event);
    }

    /// Emits the ends of text and reasoning that were held back because they might have been the beginning of a key.
    fn emit_held(&mut self, on_event: &mut dyn FnMut(StreamEvent<'_>)) {
        let (text, reasoning) = (self.text.finish(), self.reasoning.finish());
        self.emit(&text, &reasoning, on_event);
    }

    fn emit(&mut self, text: &str, reasoning: &str, on_event: &mut dyn FnMut(StreamEvent<'_>)) {
        if !reasoning.is_empty() {
            on_event(StreamEvent::Reasoning(reasoning));
            self.response.reasoning.push_str(reasoning);
        }
        if !text.is_empty() {
            on_event(StreamEvent::Text(text));
            self.response.text.push_str(text);
        }
    }

    fn finish(self) -> Result<GenerateResponse, ClientError> {
        let Self { context, started, mut response, state, .. } = self;
        if !state.is_text_finished {
            let url = &context.head.url;
            return Err(ClientError::new(ErrorKind::CutOff, format!("the response of `{url}` ended without a finish reason")));
        }
        response.finish_reason = state.finish_reason;
        response.usage = state.usage;
        response.service_tier = state.service_tier;
        response.total_time = started.elapsed();
        Ok(response)
    }
}

/// Returns the time to wait before the next retry, after `retries` retries. The time doubles with each retry, and varies randomly by 25 % so that
/// not all rejected clients return at once.
fn backoff(retries: u32) -> Duration {
    let wait = FIRST_RETRY_WAIT * 2_u32.saturating_pow(retries.min(16));
    let noise = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.subsec_nanos() % 1000);
    wait.mul_f64(0.75 + f64::from(noise) / 2000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_at_its_token_limit_is_truncated() {
        let response = |finish_reason: Option<&str>| GenerateResponse {
            finish_reason: finish_reason.map(str::to_owned),
            ..GenerateResponse::default()
        };
        assert!(["length", "max_tokens", "MAX_TOKENS", "max_output_tokens"].iter().all(|word| response(Some(word)).is_truncated()));
        assert!(![None, Some("stop"), Some("end_turn")].into_iter().any(|word| response(word).is_truncated()));
    }
}
