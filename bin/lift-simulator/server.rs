//! The server: one client at a time, and the habits of the lab's servers that a client must live
//! with.
//!
//! - Whatever one receive of up to four bytes returns is an instruction, filled up with zeros.
//! - The next client waits in the kernel's queue: it is connected, gets no answers, and what it
//!   wrote is executed when its turn comes.
//! - Nonsense makes the server hang: the connection stays open, nothing is read, nothing is
//!   answered, and nobody notices when the client goes. What arrives meanwhile is lost.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};

use nix::poll::PollFlags;

use crate::event::Event;
use crate::model::{Model, Moment};
use crate::protocol::{self, Command, Instruction};

/// How much is thrown away at most, in bytes, when a server that hung comes back: more than the
/// kernel's buffers hold.
const MOST_LOST: usize = 16 << 20;

/// The server and its client.
#[derive(Debug)]
pub struct Server {
    /// Where it listens; the port is the real one.
    address: SocketAddr,
    /// How many floors it has.
    floors: u8,
    /// Whether answers leave at once (`TCP_NODELAY`).
    no_delay: bool,
    /// `None` while connections are refused.
    listener: Option<TcpListener>,
    client: Option<Client>,
    hearing: Hearing,
}

#[derive(Debug)]
struct Client {
    stream: TcpStream,
    /// The rest of an answer that did not fit into the socket.
    unsent: Vec<u8>,
}

/// What comes from the client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Heard {
    /// An instruction, right or wrong.
    Instruction([u8; 4]),
    /// It is gone.
    End,
}

/// Whether the server does what it is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Hearing {
    /// It does.
    Awake,
    /// It will hang at the next command that opens the door.
    UntilDoor,
    /// It hangs.
    Silent,
}

impl Server {
    /// A server at this address; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub fn open(address: SocketAddr, floors: u8, no_delay: bool) -> io::Result<Self> {
        let listener = listen(address)?;
        Ok(Self {
            address: listener.local_addr()?,
            floors,
            no_delay,
            listener: Some(listener),
            client: None,
            hearing: Hearing::Awake,
        })
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What to wait for to [`accept`](Self::accept): nothing while there is a client.
    pub fn listener(&self) -> Option<BorrowedFd<'_>> {
        let free = self.client.is_none() && self.hearing != Hearing::Silent;
        self.listener.as_ref().filter(|_| free).map(AsFd::as_fd)
    }

    /// What to wait for to [`hear`](Self::hear): nothing while the server hangs.
    pub fn client(&self) -> Option<(BorrowedFd<'_>, PollFlags)> {
        let client = self.client.as_ref().filter(|_| self.hearing != Hearing::Silent)?;
        let what = if client.unsent.is_empty() { PollFlags::POLLIN } else { PollFlags::POLLOUT };
        Some((client.stream.as_fd(), what))
    }

    /// Takes the next client, if it is time for one and one is waiting.
    pub fn accept(&mut self, now: Moment, model: &mut Model) {
        if self.listener().is_none() {
            return;
        }
        match self.listener.as_ref().map(|listener| accept(listener, self.no_delay)) {
            Some(Ok(client)) => {
                self.client = Some(client);
                model.tell(now, Event::ClientConnected);
            }
            Some(Err(error)) if !is_passing(&error) => {
                model.tell(now, Event::Error(format!("cannot accept a client: {error}")));
                self.refuse(now, true, model);
            }
            Some(Err(_)) | None => {}
        }
    }

    /// What the client has sent next, if anything has come and the server does not hang.
    pub fn hear(&mut self) -> Option<Heard> {
        let client = self.client.as_mut().filter(|_| self.hearing != Hearing::Silent)?;
        loop {
            match client.receive() {
                Ok(bytes) => return Some(Heard::Instruction(bytes)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
                Err(_) => return Some(Heard::End),
            }
        }
    }

    /// Does what was heard.
    pub fn serve(&mut self, now: Moment, heard: Heard, model: &mut Model) {
        match heard {
            Heard::Instruction(bytes) => self.instruct(now, bytes, model),
            Heard::End => self.end_client(now, model),
        }
    }

    /// Closes the client's connection. The next one is accepted before the motor stops.
    pub fn end_client(&mut self, now: Moment, model: &mut Model) {
        if self.client.take().is_some() {
            model.tell(now, Event::ClientGone);
            model.client_gone(now);
            self.accept(now, model);
        }
    }

    /// Hangs, or comes back with everything lost that has arrived meanwhile.
    pub fn silence(&mut self, now: Moment, on: bool, model: &mut Model) {
        let before = self.hearing;
        self.hearing = if on { Hearing::Silent } else { Hearing::Awake };
        if self.hearing == before {
            return;
        }
        if let Some(client) = self.client.as_mut().filter(|_| before == Hearing::Silent) {
            client.lose_what_arrived();
        }
        model.tell(now, Event::Silent(on));
    }

    /// Will hang at the next command that opens the door.
    pub fn silence_on_door(&mut self, now: Moment, model: &mut Model) {
        if self.hearing == Hearing::Awake {
            self.hearing = Hearing::UntilDoor;
            model.tell(now, Event::SilentOnDoor);
        }
    }

    /// Closes the port, or opens it again.
    pub fn refuse(&mut self, now: Moment, on: bool, model: &mut Model) {
        if on == self.listener.is_none() {
            return;
        }
        if on {
            self.listener = None;
        } else {
            match listen(self.address) {
                Ok(listener) => self.listener = Some(listener),
                Err(error) => {
                    let error = format!("cannot listen on {} again: {error}", self.address);
                    return model.tell(now, Event::Error(error));
                }
            }
        }
        model.tell(now, Event::Refusing(on));
    }

    /// Ends and starts again: the client is gone, everything is forgotten.
    pub fn restart(&mut self, now: Moment, model: &mut Model) {
        if self.client.take().is_some() {
            model.tell(now, Event::ClientGone);
        }
        self.silence(now, false, model);
        model.reload(now);
    }

    /// Everything there is to know of the server, as `key=value` words.
    pub fn describe(&self) -> String {
        let client = if self.client.is_some() { "connected" } else { "none" };
        let refuse = if self.listener.is_some() { "off" } else { "on" };
        let silent = match self.hearing {
            Hearing::Awake => "off",
            Hearing::UntilDoor => "on-door",
            Hearing::Silent => "on",
        };
        format!("client={client} silent={silent} refuse={refuse}")
    }

    fn instruct(&mut self, now: Moment, bytes: [u8; 4], model: &mut Model) {
        match protocol::decode(bytes, self.floors) {
            Ok(Instruction::Command(Command::Door(true))) if self.hearing == Hearing::UntilDoor => {
                self.silence(now, true, model);
            }
            Ok(Instruction::Command(command)) => model.execute(now, command),
            Ok(Instruction::Question(question)) => {
                let answer = model.answer(now, question);
                if let Some(client) = &mut self.client {
                    client.unsent.extend(answer);
                }
            }
            Err(why) => {
                model.tell(now, Event::Nonsense { bytes, why });
                if why.hangs_the_server() {
                    self.silence(now, true, model);
                }
            }
        }
    }
}

impl Client {
    /// Takes one instruction, once the last answer is on its way.
    ///
    /// # Errors
    /// `WouldBlock` when there is none yet or the client does not read; anything else means that
    /// the client is gone.
    fn receive(&mut self) -> io::Result<[u8; 4]> {
        self.flush()?;
        let mut bytes = [0; 4];
        match self.stream.read(&mut bytes)? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(bytes),
        }
    }

    /// Sends what is left of the last answer: each answer in a write of its own, as the lab's
    /// servers do, so that a client meets Nagle's algorithm here as it does there.
    fn flush(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty() {
            let length = self.stream.write(&self.unsent)?;
            self.unsent.drain(..length);
        }
        Ok(())
    }

    fn lose_what_arrived(&mut self) {
        let mut lost = [0; 4096];
        for _ in 0..MOST_LOST / lost.len() {
            if !matches!(self.stream.read(&mut lost), Ok(1..)) {
                return; // nothing is left, or the client is gone, as serving it will show
            }
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn accept(listener: &TcpListener, no_delay: bool) -> io::Result<Client> {
    let (stream, _) = listener.accept()?;
    stream.set_nonblocking(true)?;
    stream.set_nodelay(no_delay)?;
    Ok(Client { stream, unsent: Vec::new() })
}

/// Whether the same call may work later.
fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::Interrupted | ErrorKind::ConnectionAborted
    )
}
