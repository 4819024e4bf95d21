//! Entry points for the fuzz targets in `fuzz/`, which have no network. This module is not part of the public API, and changes without notice.

use crate::endpoint::ResolvedEndpoint;
use crate::error::ClientError;
use crate::generate::{Client, GenerateResponse, StreamEvent};
use crate::http::{ResponseBody, ResponseHead};
use crate::wire::GenerateRequest;
use std::time::Instant;

/// Reads a response whose body arrives in `chunks`. This function is the part of [`Client::generate`] that runs after the head of the response has
/// arrived.
///
/// # Errors
/// Returns those errors of [`Client::generate`] that a response can cause.
pub fn read_response(
    endpoint: &ResolvedEndpoint<'_>,
    request: &GenerateRequest<'_>,
    head: &ResponseHead,
    chunks: Vec<Vec<u8>>,
    on_event: &mut dyn FnMut(StreamEvent<'_>),
) -> Result<GenerateResponse, ClientError> {
    Client::read_response(endpoint, request, head, ResponseBody::of_chunks(chunks), Instant::now(), on_event)
}
