//! Protection of the catalog against web pages that the user has open: the host names that requests may use, and the origins whose pages may read
//! responses.
//!
//! A server on this machine is reachable for every page in a browser on this machine. The browser hides the responses from the page, except in two
//! cases: the server allows the page's origin by CORS, or the page's own host name resolves to this machine (DNS rebinding). In the second case, the
//! header `Host` contains the host name of the page. Therefore a server that listens at a loopback address accepts only names of this machine.

use crate::problem::Problem;
use crate::respond::RequestHead;
use bytes::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::uri::Authority;
use hyper::{Method, Response, StatusCode};
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// Host name that the header `Host` of requests may contain, in addition to the names of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedHost(AllowedName);

#[derive(Clone, Debug, PartialEq, Eq)]
enum AllowedName {
    Any,
    Host(Host),
}

/// Origins of the web pages that may read responses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CorsOrigins {
    /// No origin.
    #[default]
    None,
    /// These origins, such as `https://app.example.com`.
    Listed(Vec<String>),
    /// Every origin. Use this only for catalogs without private facts.
    Any,
}

/// Host names and origins that the server accepts.
pub(crate) struct AccessPolicy {
    /// `None` if every host name is accepted.
    allowed_hosts: Option<Vec<Host>>,
    /// Port of the server, which the names of this machine must have.
    port: u16,
    cors: CorsOrigins,
}

/// Headers of a request that determine the CORS headers of the response.
pub(crate) struct CorsRequest {
    origin: Option<HeaderValue>,
    is_preflight: bool,
    wants_private_network: bool,
}

/// Host and port of a URL or of the header `Host`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Host {
    /// Name in lower case, without the dot at the end of a fully qualified name.
    name: String,
    port: Option<u16>,
}

/// HTTP methods that the server accepts.
pub(crate) const ALLOWED_METHODS: &str = "GET, HEAD, OPTIONS";

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const REQUEST_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");

impl FromStr for AllowedHost {
    type Err = String;

    /// Parses a host name with an optional port, such as `models.example.com`, or `*` for every host name. If the text has no port, requests may use
    /// the name with every port.
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self(AllowedName::Any));
        }
        let host = Host::parse(text)
            .filter(|host| !host.name.contains('*'))
            .ok_or("expected a host name, such as `models.example.com` or `localhost:9000`, or `*` for every name")?;
        Ok(Self(AllowedName::Host(host)))
    }
}

impl CorsOrigins {
    /// Parses a list of origins, such as `https://app.example.com`, or `*` for every origin.
    ///
    /// # Errors
    /// Fails if an item is neither an origin nor `*`.
    pub fn parse(items: &[String]) -> Result<Self, String> {
        if items.iter().any(|item| item == "*") {
            return Ok(Self::Any);
        }
        let origins = items.iter().map(|item| {
            let host = item.split_once("://").filter(|(scheme, _)| !scheme.is_empty()).and_then(|(_, host)| Host::parse(host));
            let origin = item.to_ascii_lowercase();
            host.map(|_| origin).ok_or_else(|| {
                format!(
                    "`{item}` is not an origin: expected a scheme and a host, such as `https://app.example.com`, or `*` for every origin"
                )
            })
        });
        let origins = origins.collect::<Result<Vec<_>, _>>()?;
        Ok(if origins.is_empty() { Self::None } else { Self::Listed(origins) })
    }

    fn allow(&self, origin: Option<&HeaderValue>) -> Option<HeaderValue> {
        match self {
            Self::None => None,
            Self::Any => Some(HeaderValue::from_static("*")),
            Self::Listed(list) => {
                origin.filter(|origin| list.iter().any(|item| item.as_bytes().eq_ignore_ascii_case(origin.as_bytes()))).cloned()
            }
        }
    }
}

impl AccessPolicy {
    /// Creates the policy of a server that listens at `address`. If `address` is a loopback address, or if `hosts` is not empty, only the names of
    /// this machine and the names in `hosts` are accepted.
    pub(crate) fn new(address: SocketAddr, hosts: &[AllowedHost], cors: CorsOrigins) -> Self {
        let is_any = hosts.iter().any(|host| host.0 == AllowedName::Any);
        let is_restricted = !is_any && (address.ip().is_loopback() || !hosts.is_empty());
        let names = hosts.iter().filter_map(|host| match &host.0 {
            AllowedName::Any => None,
            AllowedName::Host(host) => Some(host.clone()),
        });
        Self { allowed_hosts: is_restricted.then(|| names.collect()), port: address.port(), cors }
    }

    /// Returns the error of a request whose host is not accepted. A request of HTTP/1.0 without a host is accepted, because browsers always send the
    /// host.
    pub(crate) fn refusal(&self, request: &RequestHead) -> Option<Problem> {
        let invalid = || {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "bad-request",
                "the host of the request is invalid: expected a host name and an optional port",
            )
        };
        let default_port = if request.uri().scheme_str() == Some("https") { 443 } else { 80 };
        // The host of the URL replaces that of the header. Both are checked, because a proxy may have used the other one.
        let target = request.uri().authority().map(|authority| authority.as_str().as_bytes());
        for host in target.into_iter().chain(request.header(&header::HOST)) {
            // A URL without a host has an empty header.
            let host = match Host::parse(std::str::from_utf8(host).unwrap_or_default()) {
                Some(host) => host,
                None if host.is_empty() && self.allowed_hosts.is_none() => continue,
                None => return Some(invalid()),
            };
            if !self.is_allowed(&host, default_port) {
                let problem = Problem::new(
                    StatusCode::MISDIRECTED_REQUEST,
                    "unknown-host",
                    "this server does not accept requests for this host name and port",
                );
                return Some(problem.help(
                    "use `localhost` or the IP address of the server, with its port; the operator can allow other names with `modeldex serve --allow-host NAME`",
                ));
            }
        }
        None
    }

    fn is_allowed(&self, host: &Host, default_port: u16) -> bool {
        let Some(allowed) = &self.allowed_hosts else { return true };
        let port = host.port.unwrap_or(default_port);
        let is_listed = |allowed: &Host| allowed.name == host.name && allowed.port.is_none_or(|allowed| allowed == port);
        is_loopback_name(&host.name) && port == self.port || allowed.iter().any(is_listed)
    }

    /// Adds the headers that state who may read the response. The response to a request for an unknown host has the headers for a private catalog.
    pub(crate) fn add_headers(&self, request: &CorsRequest, response: &mut Response<Bytes>) {
        let is_refused = response.status() == StatusCode::MISDIRECTED_REQUEST;
        let is_preflight = request.is_preflight && response.status() == StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        let is_public = self.cors == CorsOrigins::Any && !is_refused;
        let policy = if is_public { "cross-origin" } else { "same-origin" };
        headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static(policy));
        if matches!(self.cors, CorsOrigins::Listed(_)) {
            add_vary(headers);
        }
        let Some(origin) = self.cors.allow(request.origin.as_ref()).filter(|_| !is_refused) else { return };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("etag"));
        if is_preflight {
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(ALLOWED_METHODS));
            // `*` allows every header except `Authorization`, which no route uses.
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("*"));
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
            if request.wants_private_network {
                headers.insert(ALLOW_PRIVATE_NETWORK, HeaderValue::from_static("true"));
            }
        }
    }
}

impl CorsRequest {
    pub(crate) fn of(request: &RequestHead) -> Self {
        let header = |name: &HeaderName| request.header(name).and_then(|value| HeaderValue::from_bytes(value).ok());
        Self {
            origin: header(&header::ORIGIN),
            is_preflight: *request.method() == Method::OPTIONS,
            wants_private_network: header(&REQUEST_PRIVATE_NETWORK).is_some_and(|value| value == "true"),
        }
    }
}

impl Host {
    /// Parses a host with an optional port. Returns `None` if the text is not a host, for example because it contains a user name.
    fn parse(text: &str) -> Option<Self> {
        let authority = text.parse::<Authority>().ok().filter(|authority| !authority.as_str().contains('@'))?;
        let port = match text.strip_prefix(authority.host())? {
            "" => None,
            port => Some(port.strip_prefix(':').filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()?),
        };
        let name = authority.host().to_ascii_lowercase();
        let name = name.strip_suffix('.').unwrap_or(&name);
        (!name.is_empty()).then(|| Self { name: name.to_owned(), port })
    }
}

/// Returns whether a name always means this machine: `localhost`, or a loopback address, for which browsers do not ask a DNS server.
fn is_loopback_name(name: &str) -> bool {
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name).parse::<IpAddr>();
    name == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Adds `Origin` to the header `Vary`, because the response depends on the origin.
fn add_vary(headers: &mut HeaderMap) {
    let vary =
        headers.get(header::VARY).and_then(|vary| vary.to_str().ok()).map_or_else(|| "origin".to_owned(), |vary| format!("{vary}, origin"));
    if let Ok(vary) = HeaderValue::try_from(vary) {
        headers.insert(header::VARY, vary);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::{Request, Version};

    fn policy(address: &str, hosts: &[&str], cors: CorsOrigins) -> AccessPolicy {
        let hosts: Vec<AllowedHost> = hosts.iter().map(|host| host.parse().unwrap()).collect();
        AccessPolicy::new(address.parse().unwrap(), &hosts, cors)
    }

    fn request(uri: &str, headers: &[(&str, &str)]) -> RequestHead {
        let request = headers.iter().fold(Request::builder().uri(uri), |request, (name, value)| request.header(*name, *value));
        RequestHead::new(request.body(()).unwrap().into_parts().0)
    }

    fn status(policy: &AccessPolicy, uri: &str, host: &str) -> Option<u16> {
        policy.refusal(&request(uri, &[("host", host)])).map(|problem| problem.status.as_u16())
    }

    #[test]
    fn a_server_on_loopback_accepts_only_names_of_this_machine() {
        for address in ["127.0.0.1:8787", "[::1]:8787", "127.0.0.2:8787"] {
            let policy = policy(address, &[], CorsOrigins::None);
            for host in [
                "localhost:8787",
                "LocalHost:8787",
                "localhost.:8787",
                "127.0.0.1:8787",
                "[::1]:8787",
                "127.1.2.3:8787",
                "[::ffff:127.0.0.1]:8787",
            ] {
                assert_eq!(status(&policy, "/", host), None, "{host}");
                assert_eq!(status(&policy, &format!("http://{host}/health"), host), None, "{host}");
            }
            for host in [
                "evil.example:8787",
                "evil.example",
                "localhost",
                "localhost:80",
                "localhost:08788",
                "localhost..:8787",
                "localhost.evil.example:8787",
                "x.localhost:8787",
                "127.0.0.1.evil.example:8787",
                "192.168.0.1:8787",
                "0.0.0.0:8787",
                "[::]:8787",
                "2130706433:8787",
                "x",
            ] {
                assert_eq!(status(&policy, "/", host), Some(421), "{host}");
                assert_eq!(status(&policy, &format!("http://{host}/health"), "localhost:8787"), Some(421), "{host}");
                assert_eq!(status(&policy, "http://localhost:8787/health", host), Some(421), "{host}");
            }
            for host in [
                "",
                "localhost:8787@evil.example",
                "evil@localhost:8787",
                "localhost:x",
                "localhost:",
                "localhost:99999",
                "a b",
                "[::1",
                "localhost:8787, x",
                ":8787",
            ] {
                assert_eq!(status(&policy, "/", host), Some(400), "{host}");
            }
            assert_eq!(status(&policy, "http://evil@localhost:8787/", "localhost:8787"), Some(400));
            assert_eq!(status(&policy, "https://localhost/", "localhost:8787"), Some(421), "the port of https is 443");
            let mut old = Request::builder().uri("/").version(Version::HTTP_10).body(()).unwrap();
            assert!(policy.refusal(&RequestHead::new(old.into_parts().0)).is_none(), "no browser sends a request without a host");
            old = Request::builder().uri("/").version(Version::HTTP_10).header("host", "evil.example").body(()).unwrap();
            assert!(policy.refusal(&RequestHead::new(old.into_parts().0)).is_some());
        }
        assert_eq!(status(&policy("127.0.0.1:80", &[], CorsOrigins::None), "/", "localhost"), None);
    }

    #[test]
    fn further_names_can_be_allowed() {
        let some = policy("127.0.0.1:8787", &["models.example.com", "Other.Example.:9000", "[fd00::1]"], CorsOrigins::None);
        for host in ["models.example.com", "MODELS.example.com.:443", "other.example:9000", "[fd00::1]:1", "localhost:8787"] {
            assert_eq!(status(&some, "/", host), None, "{host}");
        }
        for host in ["other.example", "other.example:9001", "a.models.example.com", "example.com", "localhost:1"] {
            assert_eq!(status(&some, "/", host), Some(421), "{host}");
        }
        assert_eq!(status(&policy("127.0.0.1:8787", &["*"], CorsOrigins::None), "/", "anything"), None);
        // Off loopback, the list applies if there is one.
        assert_eq!(status(&policy("0.0.0.0:80", &[], CorsOrigins::None), "/", "anything"), None);
        assert_eq!(status(&policy("0.0.0.0:80", &[], CorsOrigins::None), "/", ""), None);
        assert_eq!(status(&policy("0.0.0.0:80", &["a.example"], CorsOrigins::None), "/", "anything"), Some(421));
        for text in ["", "a b", "https://a.example", "a.example/x", "u@a.example", "a.example:x", "*.example.com"] {
            assert!(text.parse::<AllowedHost>().is_err(), "{text}");
        }
    }

    fn headers(cors: CorsOrigins, origin: &str, method: &str, status: StatusCode) -> HeaderMap {
        let mut request = Request::builder().method(method).header("access-control-request-private-network", "true");
        if !origin.is_empty() {
            request = request.header("origin", origin);
        }
        let request = RequestHead::new(request.body(()).unwrap().into_parts().0);
        let mut response = Response::builder().status(status).header("vary", "accept").body(Bytes::new()).unwrap();
        policy("127.0.0.1:1", &[], cors).add_headers(&CorsRequest::of(&request), &mut response);
        response.headers().clone()
    }

    #[test]
    fn only_allowed_origins_may_read() {
        let listed = CorsOrigins::parse(&["https://App.example".to_owned(), "http://localhost:3000".to_owned()]).unwrap();
        let (ok, no_content) = (StatusCode::OK, StatusCode::NO_CONTENT);
        for (cors, origin, allowed, policy, vary) in [
            (CorsOrigins::None, "https://app.example", None, "same-origin", "accept"),
            (CorsOrigins::Any, "https://app.example", Some("*"), "cross-origin", "accept"),
            (CorsOrigins::Any, "", Some("*"), "cross-origin", "accept"),
            (listed.clone(), "https://app.example", Some("https://app.example"), "same-origin", "accept, origin"),
            (listed.clone(), "http://localhost:3000", Some("http://localhost:3000"), "same-origin", "accept, origin"),
            (listed.clone(), "https://app.example.evil.example", None, "same-origin", "accept, origin"),
            (listed.clone(), "http://app.example", None, "same-origin", "accept, origin"),
            (listed.clone(), "null", None, "same-origin", "accept, origin"),
            (listed, "", None, "same-origin", "accept, origin"),
        ] {
            for (method, status) in
                [("GET", ok), ("GET", StatusCode::NOT_FOUND), ("GET", StatusCode::NOT_MODIFIED), ("OPTIONS", no_content)]
            {
                let headers = headers(cors.clone(), origin, method, status);
                let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
                assert_eq!(header("access-control-allow-origin"), allowed, "{cors:?} {origin}");
                assert_eq!((header("cross-origin-resource-policy"), header("vary")), (Some(policy), Some(vary)), "{cors:?} {origin}");
                let is_preflight = allowed.is_some() && method == "OPTIONS";
                assert_eq!(header("access-control-allow-methods"), is_preflight.then_some(ALLOWED_METHODS));
                assert_eq!(header("access-control-allow-private-network"), is_preflight.then_some("true"));
            }
        }
        let refused = headers(CorsOrigins::Any, "https://app.example", "GET", StatusCode::MISDIRECTED_REQUEST);
        assert!(!refused.contains_key("access-control-allow-origin") && refused["cross-origin-resource-policy"] == "same-origin");
        for text in ["app.example", "https://", "https://app.example/", "https://app.example/x", "https://u@app.example", "null", ""] {
            assert!(CorsOrigins::parse(&[text.to_owned()]).is_err(), "{text}");
        }
        assert_eq!(CorsOrigins::parse(&[]), Ok(CorsOrigins::None));
        assert_eq!(CorsOrigins::parse(&["https://a.example".to_owned(), "*".to_owned()]), Ok(CorsOrigins::Any));
    }
}
