//! Which proxy leads to a URL: the one of the option, or what the environment's variables say, read as curl does.
use std::env;
use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use super::address::in_network;

#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub enum Proxy {
    #[default]
    Environment,
    None,
    Url(String),
}

/// Without the URL: it may hold a password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "Environment",
            Self::None => "None",
            Self::Url(_) => "Url",
        })
    }
}

/// A proxy as it was given, and by what: a variable that is wrong matters only where it is used.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Via {
    url: String,
    set_by: &'static str,
}

impl Via {
    pub fn url(&self) -> Result<Url, String> {
        parse(&self.url).ok_or_else(|| wrong(self.set_by))
    }
}

/// As messages say it.
impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the proxy {} ({})", without_password(&self.url).trim_end_matches('/'), self.set_by)
    }
}

/// What leads where.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Proxies {
    http: Option<Via>,
    https: Option<Via>,
    /// NO_PROXY.
    bypass: String,
}

/// As `Proxy`.
impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (http, https) = (self.http.is_some(), self.https.is_some());
        f.debug_struct("Proxies").field("http", &http).field("https", &https).finish_non_exhaustive()
    }
}

impl Proxies {
    pub fn of(proxy: &Proxy) -> Self {
        match proxy {
            Proxy::None => Self::default(),
            Proxy::Url(url) => {
                let via = Some(Via { url: url.clone(), set_by: "proxy=" });
                Self { http: via.clone(), https: via, bypass: String::new() }
            }
            Proxy::Environment => Self::from_environment(),
        }
    }

    fn from_environment() -> Self {
        let var = |names: &[&'static str]| {
            names.iter().find_map(|name| {
                let value = env::var_os(name)?.to_string_lossy().trim().to_owned();
                (!value.is_empty()).then_some(Via { url: value, set_by: name })
            })
        };
        let all = var(&["all_proxy", "ALL_PROXY"]);
        // In a CGI process HTTP_PROXY is a header of whoever calls: httpoxy.
        let is_cgi = env::var_os("REQUEST_METHOD").is_some();
        let http = var(if is_cgi { &["http_proxy"] } else { &["http_proxy", "HTTP_PROXY"] });
        Self {
            http: http.or_else(|| all.clone()),
            https: var(&["https_proxy", "HTTPS_PROXY"]).or(all),
            bypass: var(&["no_proxy", "NO_PROXY"]).map(|via| via.url).unwrap_or_default(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.http.is_none() && self.https.is_none()
    }

    /// Whether TLS is spoken with a proxy.
    pub fn is_tls(&self) -> bool {
        [&self.http, &self.https].into_iter().flatten().any(|via| via.url.starts_with("https:"))
    }

    /// Their hosts.
    pub fn hosts(&self) -> Vec<String> {
        let urls = [&self.http, &self.https].into_iter().flatten().filter_map(|via| via.url().ok());
        urls.filter_map(|url| url.host_str().map(str::to_owned)).collect()
    }

    /// The proxy that leads there, if one does.
    pub fn leading_to(&self, url: &Url) -> Option<&Via> {
        let via = if url.scheme() == "https" { &self.https } else { &self.http };
        via.as_ref().filter(|_| !bypasses(&self.bypass, url))
    }
}

/// A proxy's URL without user and password, for what leaves the process.
pub fn without_password(url: &str) -> String {
    let bare = parse(url).and_then(|mut url| {
        url.set_username("").ok()?;
        url.set_password(None).ok()?;
        Some(url.to_string())
    });
    bare.unwrap_or_default()
}

/// What is wrong with a URL that is given as `proxy=`, if something is.
pub fn check_proxy(url: &str) -> Result<(), String> {
    parse(url).map(drop).ok_or_else(|| wrong("proxy="))
}

/// Without the value: it may hold a password.
fn wrong(set_by: &str) -> String {
    format!(
        "{set_by} is not the URL of a proxy: write it like \"http://host:port\" or \"socks5h://host:port\" (http, https, \
         socks5, socks5h, socks4 and socks4a are known)"
    )
}

/// `host:port` means `http://host:port`. `socks://` is what GNOME, V2RayN and Clash write for a SOCKS 5 proxy that looks
/// names up itself.
fn parse(url: &str) -> Option<Url> {
    let (scheme, rest) = url.trim().split_once("://").unwrap_or(("http", url.trim()));
    let scheme = match scheme.to_ascii_lowercase() {
        scheme if scheme == "socks" => "socks5h".to_owned(),
        scheme => scheme,
    };
    let known = ["http", "https", "socks5", "socks5h", "socks4", "socks4a"].contains(&scheme.as_str());
    let url = Url::parse(&format!("{scheme}://{rest}")).ok()?;
    (known && url.host_str().is_some_and(|host| !host.is_empty())).then_some(url)
}

/// Whether a NO_PROXY names the host: `*`, a name (with all that is below it, whether it begins with a dot, with `*.` or
/// with neither), an address, a network like `10.0.0.0/8`; each with a port or without.
fn bypasses(list: &str, url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).trim_end_matches('.');
    let address = address(host);
    let port = url.port_or_known_default();
    list.split([',', ' ', '\t']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        if entry == "*" {
            return true;
        }
        let (name, only) = split_port(entry);
        if only.is_some() && only != port {
            return false;
        }
        match (address, network(name)) {
            (Some(address), Some((network, bits))) => in_network(address, network, bits),
            (None, None) => {
                let name = name.trim_start_matches('*').trim_start_matches('.').trim_end_matches('.');
                let below = host.len().checked_sub(name.len()).and_then(|at| Some((host.get(..at)?, host.get(at..)?)));
                !name.is_empty()
                    && below.is_some_and(|(before, end)| {
                        end.eq_ignore_ascii_case(name) && (before.is_empty() || before.ends_with('.'))
                    })
            }
            _ => false,
        }
    })
}

/// `host:port`, `[::1]:port`; the colons of a bare `::1` are none of a port.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    match entry.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => match port.parse() {
            Ok(port) => (host, Some(port)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    }
}

fn address(text: &str) -> Option<IpAddr> {
    text.trim_matches(['[', ']']).parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// An address, or a network of addresses.
fn network(text: &str) -> Option<(IpAddr, u32)> {
    match text.split_once('/') {
        Some((start, bits)) => Some((address(start)?, bits.trim_end_matches(']').parse().ok()?)),
        None => address(text).map(|address| (address, 128)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_need_no_proxy() {
        let bypasses = |list: &str, url: &str| bypasses(list, &Url::parse(url).unwrap());
        for (list, url) in [
            ("*", "http://h"),
            ("a, *", "http://[::1]"),
            ("h", "http://h:81"),
            ("x h", "http://h"),
            ("H.", "http://h"),
            ("h:81", "http://h:81"),
            ("h:443", "https://h"),
            ("b.c", "http://a.b.c"),
            (".b.c", "http://a.b.c"),
            (".b.c", "http://b.c."),
            ("*.b.c", "http://a.b.c"),
            (".b.c:80", "http://a.b.c"),
            ("10.0.0.0/8", "http://10.1.2.3"),
            ("10.1.2.3", "http://10.1.2.3"),
            ("10.1.2.3:80", "http://10.1.2.3"),
            ("10.0.0.0/8:80", "http://10.1.2.3"),
            ("0.0.0.0/0", "http://10.1.2.3"),
            ("::1", "http://[::1]"),
            ("[::1]", "http://[::1]:80"),
            ("[::1]:81", "http://[::1]:81"),
            ("fd00::/8", "http://[fd12::1]"),
            ("[fd00::]/8", "http://[fd12::1]"),
            ("::/0", "http://[fd12::1]"),
            ("127.0.0.1", "http://[::ffff:127.0.0.1]"),
        ] {
            assert!(bypasses(list, url), "{list} {url}");
        }
        for (list, url) in [
            ("", "http://h"),
            (",", "http://h"),
            (".", "http://h"),
            ("h:81", "http://h"),
            ("h:80", "https://h"),
            ("b.c", "http://ab.c"),
            ("a.b.c", "http://b.c"),
            ("10.0.0.0/8", "http://11.1.2.3"),
            ("10.0.0.0/x", "http://10.1.2.3"),
            ("10.1.2.3:81", "http://10.1.2.3"),
            ("::1", "http://1"),
            ("[::1]:81", "http://[::1]"),
            ("::/0", "http://1.2.3.4"),
            ("0.0.0.1", "http://h"),
            ("中", "http://a"),
        ] {
            assert!(!bypasses(list, url), "{list} {url}");
        }
    }

    #[test]
    fn proxies_are_shown_without_their_password() {
        let via = |url: &str| Via { url: url.into(), set_by: "ALL_PROXY" };
        assert_eq!(via("u:secret@h:9").to_string(), "the proxy http://h:9 (ALL_PROXY)");
        assert_eq!(via("socks://u:secret@h:9/").url().unwrap().as_str(), "socks5h://u:secret@h:9/");
        let why = via("ftp://u:secret@h").url().unwrap_err();
        assert!(why.contains("ALL_PROXY") && !why.contains("secret"), "{why}");
    }
}
