//! Downloads one file over HTTP, with a size limit, if its ETag has changed.

use modeldex_client::error::ClientError;
pub(crate) use modeldex_client::http::redact_url as shown;
use modeldex_client::http::{CancelToken, HttpClient, HttpLimits, HttpRequest};
use std::time::Duration;

/// A downloaded file and its ETag.
pub(crate) type Fetched = (Vec<u8>, Option<String>);

/// Maximum size of a downloaded file in bytes, far above the size of any catalog. Bounds the memory of a download.
pub(crate) const MAX_FILE_BYTES: u64 = 64 << 20;

/// Timeout for the connection, and for each wait for more bytes of the response.
const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// Timeout for a whole download.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(120);

/// Downloads a file of at most `limit` bytes. Follows at most five redirects, and only within the origin of the URL or from http to https of the same
/// host: the facts must come from the host that the user or `sources.yaml` names.
///
/// `known` is the ETag of an earlier download; returns `None` if the file still has this ETag. Calls
/// `progress` with the number of bytes received so far and, if the server states it, the total.
///
/// Errors contain the URL without user, password and query, which may be secrets.
pub(crate) fn fetch(
    url: &str,
    known: Option<&str>,
    limit: u64,
    mut progress: impl FnMut(u64, Option<u64>),
) -> Result<Option<Fetched>, String> {
    let failed = |problem: ClientError| format!("nothing was imported: {problem}", problem = problem.message);
    let http = HttpClient::new(
        HttpLimits { connect_timeout: READ_TIMEOUT, idle_timeout: READ_TIMEOUT, total_timeout: TOTAL_TIMEOUT, max_response_bytes: limit },
        CancelToken::default(),
    );
    let headers = known.map(|etag| ("if-none-match".to_owned(), etag.to_owned())).into_iter().collect();
    let (head, mut body) =
        http.send(HttpRequest { url: url.to_owned(), headers, follow_https_upgrade: true, ..HttpRequest::default() }).map_err(failed)?;
    match head.status {
        304 if known.is_some() => return Ok(None),
        304 => {
            let url = head.url;
            return Err(format!(
                "nothing was imported: `{url}` responded with HTTP status 304 (not modified), but there is no earlier import from this URL"
            ));
        }
        200 => {}
        status if head.location.is_some() => {
            let (url, target) = (head.url, head.location.unwrap_or_default());
            return Err(format!(
                "nothing was imported: `{url}` redirects to `{target}` (HTTP status {status}); redirects to another host, port or scheme are not \
                 followed; if the new URL is correct, pass this URL as an argument or write it into `sources.yaml`"
            ));
        }
        status => return Err(format!("nothing was imported: `{url}` responded with HTTP status {status}", url = head.url)),
    }
    let mut bytes = Vec::new();
    while let Some(piece) = body.next_chunk().map_err(failed)? {
        bytes.extend_from_slice(&piece);
        progress(bytes.len() as u64, head.content_length);
    }
    Ok(Some((bytes, head.etag)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    /// Starts a server that sends `answer` to one request. Returns its URL, and a thread that returns the request's head.
    fn serve(answer: &str) -> (String, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/api.json?key=secret", listener.local_addr().unwrap());
        let answer = answer.to_owned();
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = String::new();
            let mut lines = BufReader::new(stream.try_clone().unwrap());
            while !head.ends_with("\r\n\r\n") && lines.read_line(&mut head).unwrap() > 0 {}
            // The client closes the connection at its limit.
            let _ = stream.write_all(answer.as_bytes());
            head
        });
        (url, thread)
    }

    #[test]
    fn a_location_header_is_only_followed_in_a_redirect() {
        let answer = |status: &str| format!("HTTP/1.1 {status}\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let (url, _) = serve(&answer("304 Not Modified"));
        assert_eq!(fetch(&url, Some("\"one\""), 1000, |_, _| {}), Ok(None));
        let (url, _) = serve(&answer("300 Multiple Choices"));
        assert!(fetch(&url, None, 1000, |_, _| {}).unwrap_err().contains("HTTP status 300"));
    }

    #[test]
    fn a_download_returns_the_file_and_its_etag() {
        let (url, served) = serve("HTTP/1.1 200 OK\r\nETag: \"two\"\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
        let mut progress = Vec::new();
        let fetched = fetch(&url, Some("\"one\""), 1000, |now, total| progress.push((now, total))).unwrap();
        assert_eq!(fetched, Some((b"{}".to_vec(), Some("\"two\"".to_owned()))));
        assert_eq!(progress, [(2, Some(2))]);
        assert!(served.join().unwrap().to_lowercase().contains("if-none-match: \"one\""));
    }

    #[test]
    fn an_unchanged_file_is_not_downloaded() {
        let (url, served) = serve("HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
        assert_eq!(fetch(&url, Some("\"one\""), 1000, |_, _| {}), Ok(None));
        served.join().unwrap();
    }

    #[test]
    fn errors_contain_the_reason_and_no_secret() {
        let close = "Connection: close\r\n\r\n";
        for (answer, why) in [
            (format!("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n{close}"), "HTTP status 404"),
            (format!("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n{close}"), "larger than the limit of 1 MiB"),
            (format!("HTTP/1.1 200 OK\r\n{close}{}", "x".repeat(1_100_000)), "larger than the limit of 1 MiB"),
            (format!("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n{close}half"), "broke during the response"),
        ] {
            let (url, served) = serve(&answer);
            let error = fetch(&url, None, 1 << 20, |_, _| {}).unwrap_err();
            assert!(error.contains(why) && error.contains("/api.json") && !error.contains("secret"), "{error}");
            served.join().unwrap();
        }
        // No server listens on port 1.
        let error = fetch("http://user:word@127.0.0.1:1/a?key=secret", None, 1, |_, _| {}).unwrap_err();
        assert!(error.contains("`http://127.0.0.1:1/a`") && !error.contains("secret") && !error.contains("word"), "{error}");
    }
}
