//! Places for connections. If all places are taken, a connection that waits for its client makes room for a new one.
//!
//! Rejected: a fixed limit of connections per client. Behind a reverse proxy, all connections have the address of the proxy. Therefore a client may
//! use every free place. If no place is free, the client with the most connections loses the connection that has waited longest for the client. Thus
//! no client can keep others out by connections that do nothing.

use crate::deadline::{ConnectionDeadline, ConnectionPhase};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places for connections, each of which may be taken.
pub(crate) struct Places {
    total: u32,
    permits: Arc<Semaphore>,
    /// Open connections by client.
    clients: Mutex<BTreeMap<IpAddr, Vec<Arc<ConnectionDeadline>>>>,
}

/// Place of one connection, which is free again when the value is dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    client: IpAddr,
    connection: Arc<ConnectionDeadline>,
    _permit: OwnedSemaphorePermit,
}

/// Time after which a response that is still being sent is slow.
const SLOW_RESPONSE: Duration = Duration::from_secs(2);
/// Part of the places up to which the slow responses to one client are not closed.
const SHARE: u32 = 8;

impl Places {
    pub(crate) fn new(total: u32) -> Arc<Self> {
        Arc::new(Self { total, permits: Arc::new(Semaphore::new(total as usize)), clients: Mutex::default() })
    }

    /// Returns the number of taken places.
    pub(crate) fn taken(&self) -> usize {
        (self.total as usize).saturating_sub(self.permits.available_permits())
    }

    /// Waits until all places are free.
    pub(crate) async fn wait_until_free(&self) {
        let _ = self.permits.acquire_many(self.total).await;
    }

    /// Takes a place for a connection from `address`. Returns `None` if all places are taken.
    pub(crate) fn try_take(self: &Arc<Self>, address: IpAddr, connection: &Arc<ConnectionDeadline>) -> Option<Place> {
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        Some(self.enter(address, connection, permit))
    }

    /// Waits for a place for a connection from `address`.
    pub(crate) async fn take(self: &Arc<Self>, address: IpAddr, connection: &Arc<ConnectionDeadline>) -> Option<Place> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.ok()?;
        Some(self.enter(address, connection, permit))
    }

    fn enter(self: &Arc<Self>, address: IpAddr, connection: &Arc<ConnectionDeadline>, permit: OwnedSemaphorePermit) -> Place {
        let client = client(address);
        self.clients().entry(client).or_default().push(Arc::clone(connection));
        Place { places: Arc::clone(self), client, connection: Arc::clone(connection), _permit: permit }
    }

    /// Closes a connection to make room for a new connection from `address`. The client with the most connections loses the connection that has
    /// waited longest for the client at the time `now`. If none of its connections waits, the client with the next most connections makes room.
    /// Returns whether a connection is closed.
    pub(crate) fn make_room(&self, address: IpAddr, now: Instant) -> bool {
        let (clients, own) = (self.clients(), client(address));
        let mut by_connections: Vec<_> = clients.iter().collect();
        by_connections.sort_by_key(|(client, connections)| (Reverse(connections.len()), **client != own));
        by_connections.into_iter().any(|(_, connections)| {
            let has_many = connections.len() > (self.total / SHARE).max(1) as usize;
            let waiting = connections.iter().filter_map(|connection| {
                let phase = connection.phase()?;
                let since = match phase {
                    ConnectionPhase::AwaitsRequest(since) => since,
                    ConnectionPhase::Sends(since) if has_many && now.duration_since(since) > SLOW_RESPONSE => since,
                    ConnectionPhase::Sends(_) => return None,
                };
                Some((since, phase, connection))
            });
            let mut waiting: Vec<_> = waiting.collect();
            waiting.sort_by_key(|(since, ..)| *since);
            // A connection whose phase has just changed no longer waits, so the next one is closed.
            waiting.into_iter().any(|(_, phase, connection)| connection.close_if(phase))
        })
    }

    fn clients(&self) -> MutexGuard<'_, BTreeMap<IpAddr, Vec<Arc<ConnectionDeadline>>>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut clients = self.places.clients();
        if let Some(connections) = clients.get_mut(&self.client) {
            connections.retain(|connection| !Arc::ptr_eq(connection, &self.connection));
            if connections.is_empty() {
                clients.remove(&self.client);
            }
        }
    }
}

/// Returns the client of an address: an IPv4 address, or the network of an IPv6 address, because a client has all addresses of its /64 network.
fn client(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deadline::ConnectionTimeouts;

    fn connection() -> Arc<ConnectionDeadline> {
        let time = Duration::from_secs(100);
        Arc::new(ConnectionDeadline::new(ConnectionTimeouts { header: time, idle: time, response: time }))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_client_with_the_most_connections_makes_room() {
        let places = Places::new(8);
        let connections: Vec<_> = (0..8).map(|_| connection()).collect();
        let take = |from: &str, at: usize| places.try_take(address(from), &connections[at]).unwrap();
        let mut taken: Vec<_> =
            [("10.0.0.2", 0), ("10.0.0.1", 1), ("10.0.0.1", 2), ("10.0.0.1", 3), ("10.0.0.3", 4)].map(|(from, at)| take(from, at)).into();
        taken.extend([5, 6, 7].map(|at| take("10.0.0.1", at)));
        assert!(places.try_take(address("10.0.0.4"), &connection()).is_none() && places.taken() == 8);
        // The second connection responds; of the others, the third is the oldest.
        connections[1].on_request();
        for (at, from) in [(2, "10.0.0.4"), (3, "10.0.0.1"), (5, "10.0.0.2")] {
            assert!(places.make_room(address(from), Instant::now()));
            let closed: Vec<usize> = (0..8).filter(|at| connections[*at].is_closed()).collect();
            assert!(closed.contains(&at) && !closed.contains(&0) && !closed.contains(&4), "{closed:?}");
        }
        // A closed connection is not counted twice as room.
        assert!(places.make_room(address("10.0.0.4"), Instant::now()) && places.make_room(address("10.0.0.4"), Instant::now()));
        assert!(!connections[0].is_closed() && !connections[4].is_closed());
        // Then the clients with fewer connections.
        assert!(places.make_room(address("10.0.0.4"), Instant::now()) && places.make_room(address("10.0.0.4"), Instant::now()));
        assert!(!places.make_room(address("10.0.0.4"), Instant::now()), "only the running one is left");
        drop(taken.remove(1));
        assert!(places.taken() == 7 && places.try_take(address("10.0.0.4"), &connection()).is_some());
    }

    #[test]
    fn a_response_in_progress_is_not_closed() {
        let places = Places::new(2);
        let (one, other) = (connection(), connection());
        let _taken = [&one, &other].map(|connection| places.try_take(address("10.0.0.1"), connection).unwrap());
        one.on_request();
        other.on_request();
        let now = Instant::now();
        assert!(!places.make_room(address("10.0.0.2"), now + SLOW_RESPONSE * 2), "rendering");
        let _body = one.on_response(vec![0; 10].into());
        assert!(!places.make_room(address("10.0.0.2"), now), "sent for less than two seconds");
        assert!(places.make_room(address("10.0.0.2"), Instant::now() + SLOW_RESPONSE * 2), "a slow response");
        assert!(one.is_closed() && !other.is_closed());
    }

    #[test]
    fn a_connection_whose_phase_has_changed_is_not_closed() {
        let connection = connection();
        let phase = connection.phase().unwrap();
        connection.on_request();
        assert!(!connection.close_if(phase) && !connection.is_closed());
    }

    #[test]
    fn a_client_has_an_address_or_a_network() {
        assert_eq!(client(address("10.0.0.1")), client(address("::ffff:10.0.0.1")));
        assert_eq!(client(address("2001:db8:1:2:3::4")), client(address("2001:db8:1:2:ffff::1")));
        assert_ne!(client(address("2001:db8:1:2::4")), client(address("2001:db8:1:3::4")));
        assert_ne!(client(address("10.0.0.1")), client(address("10.0.0.2")));
    }
}
