//! A proxy that adds a round-trip time in front of a loopback port.
//!
//! Every byte arrives half a round trip after it was sent, and the first bytes
//! of a connection one round trip later still, as TCP's own handshake takes one.
//! Sleeping threads do this instead of tokio, whose timers have a resolution of a millisecond.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// The most bytes that are delayed together.
const CHUNK: usize = 64 * 1024;

/// Starts a proxy on a free port that forwards to `to` with that round-trip time until this
/// process ends.
///
/// # Errors
/// No port is available.
pub fn before(to: SocketAddr, round_trip: Duration) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // The client notices a connection that fails.
            let _ = carry(client, to, round_trip);
        }
    });
    Ok(address)
}

fn carry(client: TcpStream, to: SocketAddr, round_trip: Duration) -> io::Result<()> {
    let connected = Instant::now() + round_trip;
    let server = TcpStream::connect(to)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    one_way(
        client.try_clone()?,
        server.try_clone()?,
        connected,
        round_trip / 2,
    );
    one_way(server, client, connected, round_trip / 2);
    Ok(())
}

fn one_way(mut from: TcpStream, mut to: TcpStream, not_before: Instant, delay: Duration) {
    let (send, receive) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut chunk = vec![0; CHUNK];
        while let Ok(count @ 1..) = from.read(&mut chunk) {
            let due = Instant::now().max(not_before) + delay;
            if send.send((due, chunk[..count].to_vec())).is_err() {
                break;
            }
        }
    });
    thread::spawn(move || {
        for (due, bytes) in receive {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&bytes).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
