//! Where an address leads: to the world, or to this machine and what is around it, where a URL of a server's has no
//! business unless somebody says so.
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

/// Kinds of addresses that are not the world's, as bits.
pub type Kinds = u8;

pub const WORLD: Kinds = 0;
pub const ALL: Kinds = Kinds::MAX;
/// This machine.
const LOOPBACK: Kinds = 1;
/// This cable: the services of a cloud that tell a machine its secrets are here.
const LINK: Kinds = 2;
/// This network: private ones, those behind a provider's NAT.
const PRIVATE: Kinds = 4;
/// Groups, tests, examples, and what nobody has been given.
const NOBODY: Kinds = 8;
/// Kept for measurements. Clash and its like, which catch all connections, give every name an address of these: by name
/// they lead to the world.
pub const MADE_UP: Kinds = 16;
/// Where a gateway may be, and what its replies name with it.
pub const INHABITED: Kinds = LOOPBACK | LINK | PRIVATE | MADE_UP;

#[rustfmt::skip]
const V4: [([u8; 4], u32, Kinds); 17] = [
    ([0, 0, 0, 0], 8, LOOPBACK), ([127, 0, 0, 0], 8, LOOPBACK),
    ([169, 254, 0, 0], 16, LINK),
    ([10, 0, 0, 0], 8, PRIVATE), ([172, 16, 0, 0], 12, PRIVATE), ([192, 168, 0, 0], 16, PRIVATE),
    ([100, 64, 0, 0], 10, PRIVATE),
    ([192, 0, 0, 0], 24, NOBODY), ([192, 0, 2, 0], 24, NOBODY), ([192, 31, 196, 0], 24, NOBODY),
    ([192, 52, 193, 0], 24, NOBODY), ([192, 88, 99, 0], 24, NOBODY), ([198, 18, 0, 0], 15, MADE_UP),
    ([198, 51, 100, 0], 24, NOBODY), ([203, 0, 113, 0], 24, NOBODY), ([224, 0, 0, 0], 4, NOBODY),
    ([240, 0, 0, 0], 4, NOBODY),
];

/// The kind of an address; `WORLD` for one of the world's.
pub fn kind(address: IpAddr) -> Kinds {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let among = |(network, bits, _): &&([u8; 4], u32, Kinds)| {
                in_network(address.into(), Ipv4Addr::from(*network).into(), *bits)
            };
            V4.iter().find(among).map_or(WORLD, |(_, _, kind)| *kind)
        }
        IpAddr::V6(address) => kind_of_v6(address),
    }
}

fn kind_of_v6(address: Ipv6Addr) -> Kinds {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| kind(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)).into());
    match (a, b) {
        _ if address.is_loopback() || address.is_unspecified() => LOOPBACK,
        // What stands for an IPv4 address leads where that does: NAT64, 6to4.
        (0x64, 0xff9b) if [c, d, e, f] == [0; 4] => v4(g, h),
        (0x2002, _) => v4(b, c),
        (0xfe80..=0xfebf, _) => LINK,
        (0xfc00..=0xfdff | 0xfec0..=0xfeff, _) => PRIVATE,
        // Teredo and the like; examples.
        (0x2001, 0..=0x1ff | 0xdb8) | (0x3fff, 0..=0xfff) => NOBODY,
        (0x2000..=0x3fff, _) => WORLD,
        _ => NOBODY,
    }
}

pub fn in_network(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    // Of what differs, the first bits must be none.
    let (differ, width) = match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(a.to_bits() ^ b.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits(), 128),
        _ => return false,
    };
    differ.checked_shr(width - bits.min(width)).unwrap_or(0) == 0
}

/// An address that may not be reached.
#[derive(Debug, Clone)]
pub struct Inside {
    host: String,
    address: Option<IpAddr>,
    pub kind: Kinds,
}

impl Inside {
    /// Of a host that is an address, or that always is this machine.
    pub fn of(url: &Url) -> Option<Self> {
        let host = url.host_str().unwrap_or_default();
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        let is_here = host.trim_end_matches('.').rsplit('.').next() == Some("localhost");
        let kind = if is_here { LOOPBACK } else { address.map_or(WORLD, kind) };
        (kind != WORLD).then(|| Self { host: host.into(), address: None, kind })
    }

    /// Of a name that leads there.
    pub fn named(host: &str, address: IpAddr) -> Self {
        Self { host: host.into(), address: Some(address), kind: kind(address) }
    }
}

impl fmt::Display for Inside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.address.map(|address| format!(", which is {address},")).unwrap_or_default();
        let what = match self.kind {
            LOOPBACK => "is this machine",
            LINK | PRIVATE => "is an address of this network",
            _ => "is no address of the internet",
        };
        write!(f, "{}{at} {what}: a URL of a reply is not followed there without allow_private=True", self.host)
    }
}

impl std::error::Error for Inside {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        for (kinds, addresses) in [
            (LOOPBACK, "127.0.0.1 127.9.9.9 0.0.0.0 0.1.2.3 ::1 :: ::ffff:127.0.0.1 64:ff9b::7f00:1 2002:7f00:1::"),
            (LINK, "169.254.169.254 fe80::1 febf::1 ::ffff:a9fe:a9fe 64:ff9b::a9fe:a9fe 2002:a9fe:a9fe::1"),
            (PRIVATE, "10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 100.127.1.1 fc00::1 fd12::1 fec0::1"),
            (PRIVATE, "::ffff:10.1.2.3 64:ff9b::a01:203 2002:a01:203::"),
            (MADE_UP, "198.18.0.1 198.19.0.1"),
            (NOBODY, "192.0.0.1 203.0.113.5 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255"),
            (NOBODY, "ff02::1 2001:db8::1 2001::1 64:ff9b:1::1 100::1 ::7f00:1 ::a01:203 5f00::1 3fff::1"),
            (WORLD, "1.1.1.1 8.8.8.8 172.32.0.1 100.128.0.1 192.167.1.1 2606:4700::1 2a00::1 64:ff9b::808:808"),
        ] {
            for address in addresses.split(' ') {
                assert_eq!(kind(address.parse().unwrap()), kinds, "{address}");
            }
        }
        for url in ["http://2130706433/", "http://0x7f.1/", "http://127.1", "http://[::1]/", "http://a.localhost./"] {
            assert_eq!(Inside::of(&Url::parse(url).unwrap()).map(|inside| inside.kind), Some(LOOPBACK), "{url}");
        }
        assert!(Inside::of(&Url::parse("http://localhost.example/").unwrap()).is_none());
    }
}
