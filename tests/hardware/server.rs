//! A server of the elevator protocol that does as it is told.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crate::PATIENCE;

/// A command, a request or a reply.
pub type Message = [u8; 4];

/// What a server has noticed.
#[derive(Debug, PartialEq)]
pub enum Heard {
    Accepted,
    /// What one receive of up to four bytes returned.
    Bytes(Vec<u8>),
    Gone,
}

pub struct Server {
    pub address: SocketAddr,
    pub heard: Receiver<Heard>,
}

impl Server {
    /// A server that has one client at a time, and replies as told; no reply ends the connection.
    pub fn new(reply: impl FnMut(Message, &mut TcpStream) -> Option<()> + Send + 'static) -> Self {
        Self::on(listener(), reply)
    }

    pub fn on(
        listener: TcpListener,
        reply: impl FnMut(Message, &mut TcpStream) -> Option<()> + Send + 'static,
    ) -> Self {
        let (sender, heard) = channel();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || serve(&listener, reply, &sender));
        Self { address, heard }
    }

    /// The next message that is no request.
    pub fn next_command(&self) -> Message {
        loop {
            match self.heard.recv_timeout(PATIENCE).unwrap() {
                Heard::Bytes(bytes) if bytes[0] < 6 => return bytes.try_into().unwrap(),
                Heard::Gone => panic!("the client has gone"),
                _ => {}
            }
        }
    }

    /// All that was received until the client went.
    pub fn until_gone(&self) -> Vec<Vec<u8>> {
        let mut received = Vec::new();
        loop {
            match self.heard.recv_timeout(PATIENCE).unwrap() {
                Heard::Bytes(bytes) => received.push(bytes),
                Heard::Gone => return received,
                Heard::Accepted => {}
            }
        }
    }
}

pub fn listener() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()
}

pub fn serve(
    listener: &TcpListener,
    mut reply: impl FnMut(Message, &mut TcpStream) -> Option<()>,
    heard: &Sender<Heard>,
) {
    while let Ok((mut client, _)) = listener.accept() {
        let _ = heard.send(Heard::Accepted);
        let mut message = [0; 4];
        while let Ok(length @ 1..) = client.read(&mut message) {
            message[length..].fill(0);
            let _ = heard.send(Heard::Bytes(message[..length].to_vec()));
            if reply(message, &mut client).is_none() {
                break;
            }
        }
        let _ = heard.send(Heard::Gone);
    }
}

/// The lift stands at floor 0 and nobody is there.
pub fn idle(message: Message) -> Option<Message> {
    match message[0] {
        7 => Some([7, 1, 0, 0]),
        6..=9 => Some([message[0], 0, 0, 0]),
        _ => None,
    }
}

pub fn answer(message: Message, client: &mut TcpStream) -> Option<()> {
    client.set_nodelay(true).unwrap();
    idle(message).map_or(Some(()), |reply| client.write_all(&reply).ok())
}
