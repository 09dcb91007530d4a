// SPDX-License-Identifier: GPL-2.0

//! A connection to a server, over TCP. However long the server takes, and were it for ever, a user
//! waits no longer than it has said.

use crate::{
    clock,
    poll::{Event, PollFd, poll},
};
use core::{net::SocketAddrV4, time::Duration};
use rustix::{
    fd::{AsRawFd, OwnedFd},
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, connect, recv, send,
        socket_with, sockopt::socket_error,
    },
};

/// A connection.
pub struct Connection {
    socket: OwnedFd,
    /// When it is to be over, by [`clock::monotonic`].
    end: Duration,
}

impl Connection {
    /// Connects to a server. All that is done on the connection, this included, has `patience`.
    ///
    /// # Errors
    ///
    /// - `EACCES` when Sphere has not granted that server.
    /// - `ENETUNREACH` when no interface leads there.
    /// - `ETIMEDOUT` when it took too long.
    /// - What else connect(2) says.
    pub fn open(server: SocketAddrV4, patience: Duration) -> Result<Self, Errno> {
        let socket = socket_with(
            AddressFamily::INET,
            SocketType::STREAM,
            SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
            None,
        )?;
        let end = clock::monotonic().saturating_add(patience);
        let this = Self { socket, end };
        match connect(&this.socket, &server) {
            Err(Errno::INPROGRESS) => this.finish()?,
            result => result?,
        }
        Ok(this)
    }

    /// Waits for what comes of connecting.
    fn finish(&self) -> Result<(), Errno> {
        self.wait(Event::Writable)?;
        socket_error(&self.socket)?
    }

    /// Sends all of `bytes`.
    ///
    /// # Errors
    ///
    /// - `ETIMEDOUT` when it took too long.
    /// - `EPIPE` or `ECONNRESET` when the server has gone.
    /// - What else send(2) says.
    pub fn send(&self, bytes: &[u8]) -> Result<(), Errno> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match send(&self.socket, rest, SendFlags::NOSIGNAL) {
                Ok(count) => rest = rest.get(count..).unwrap_or(&[]),
                Err(Errno::AGAIN) => self.wait(Event::Writable)?,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Receives a line, which is returned without its line break. What has come with it beyond that
    /// is lost, so a server has to be asked before it says more.
    ///
    /// # Errors
    ///
    /// - `ETIMEDOUT` when it took too long.
    /// - `EMSGSIZE` when `buffer` is too small for the line.
    /// - `ECONNRESET` when the server has gone before the end of the line.
    /// - What else recv(2) says.
    pub fn receive_line<'a>(&self, buffer: &'a mut [u8]) -> Result<&'a [u8], Errno> {
        let mut len = 0;
        loop {
            let rest = buffer.get_mut(len..).unwrap_or(&mut []);
            if rest.is_empty() {
                return Err(Errno::MSGSIZE);
            }
            let count = self.receive(rest)?;
            let line_break = rest.iter().take(count).position(|&byte| byte == b'\n');
            match (line_break, count) {
                (Some(at), _) => return Ok(buffer.get(..len + at).unwrap_or(&[])),
                (None, 0) => return Err(Errno::CONNRESET),
                (None, _) => len += count,
            }
        }
    }

    /// Receives at least one byte, or none when the server has gone.
    fn receive(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        loop {
            match recv(&self.socket, &mut *buffer, RecvFlags::empty()) {
                Ok((count, _)) => return Ok(count),
                Err(Errno::AGAIN) => self.wait(Event::Readable)?,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Returns when the socket is ready, or a signal has come: who waits tries again.
    fn wait(&self, event: Event) -> Result<(), Errno> {
        let left = self.end.saturating_sub(clock::monotonic());
        let mut fds = [PollFd::new(self.socket.as_raw_fd(), event)];
        match poll(&mut fds, Some(left)) {
            Ok(0) => Err(Errno::TIMEDOUT),
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{Read, Write},
        net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
        thread,
    };

    const LONG: Duration = Duration::from_secs(20);
    const SHORT: Duration = Duration::from_millis(50);

    fn listen() -> (TcpListener, SocketAddrV4) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        match listener.local_addr().unwrap() {
            SocketAddr::V4(address) => (listener, address),
            SocketAddr::V6(_) => unreachable!(),
        }
    }

    /// A client, and what a server on a thread of its own does with it.
    fn connected<T: Send + 'static>(
        patience: Duration,
        serve: impl FnOnce(TcpStream) -> T + Send + 'static,
    ) -> (Connection, thread::JoinHandle<T>) {
        let (listener, address) = listen();
        let server = thread::spawn(move || serve(listener.accept().unwrap().0));
        (Connection::open(address, patience).unwrap(), server)
    }

    /// Why no line comes that has room in so many bytes.
    fn failure<const N: usize>(client: &Connection) -> Option<Errno> {
        client.receive_line(&mut [0; N]).err()
    }

    #[test]
    fn lines_go_there_and_back() {
        let (client, server) = connected(LONG, |mut stream| {
            let mut text = [0; 6];
            stream.read_exact(&mut text).unwrap();
            stream.write_all(b"i have").unwrap();
            thread::sleep(SHORT);
            stream.write_all(b" it\nand more").unwrap();
            text
        });
        client.send(b"21.5 C").unwrap();
        let mut buffer = [0; 64];
        assert_eq!(client.receive_line(&mut buffer).unwrap(), b"i have it");
        assert_eq!(server.join().unwrap(), *b"21.5 C");
    }

    #[test]
    fn a_silent_server_is_waited_for_no_longer() {
        let (client, server) = connected(SHORT, |mut stream| stream.read_to_end(&mut vec![]));
        let start = clock::monotonic();
        assert_eq!(failure::<64>(&client), Some(Errno::TIMEDOUT));
        assert!(clock::monotonic() - start < LONG);
        drop(client);
        server.join().unwrap().unwrap();
    }

    #[test]
    fn nor_is_one_that_says_a_byte_now_and_then() {
        let (client, server) = connected(4 * SHORT, |mut stream| {
            while stream.write_all(b"x").is_ok() {
                thread::sleep(SHORT / 4);
            }
        });
        assert_eq!(failure::<4096>(&client), Some(Errno::TIMEDOUT));
        drop(client);
        server.join().unwrap();
    }

    #[test]
    fn nor_is_one_that_reads_nothing() {
        let (client, server) = connected(SHORT, |stream| {
            thread::sleep(4 * SHORT);
            drop(stream);
        });
        let much = vec![0; 64 << 20];
        assert_eq!(client.send(&much), Err(Errno::TIMEDOUT));
        server.join().unwrap();
    }

    #[test]
    fn a_line_has_an_end_and_fits() {
        let (client, server) = connected(LONG, |mut stream| stream.write_all(b"half a li"));
        assert_eq!(failure::<64>(&client), Some(Errno::CONNRESET));
        server.join().unwrap().unwrap();

        let (client, server) = connected(LONG, |mut stream| stream.write_all(b"too long\n"));
        assert_eq!(failure::<8>(&client), Some(Errno::MSGSIZE));
        server.join().unwrap().unwrap();
    }

    #[test]
    fn where_nobody_listens_it_is_refused() {
        let (listener, address) = listen();
        drop(listener);
        let answer = Connection::open(address, LONG);
        assert_eq!(answer.err(), Some(Errno::CONNREFUSED));
    }
}
