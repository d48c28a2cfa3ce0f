//! Hardware that answers at once and takes the time: a lift that stands at floor 0, whatever its
//! motor is told, and a button that is held until its lamp is lit.
//!
//! So the call of that button is never answered, and each new life that knows it lights the lamp.

use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The longest that anything here can take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The button, as the protocol names it: a cab button, two floors up.
const BUTTON: [u8; 2] = [2, 2];

/// Hardware that lives as long as this process.
pub struct Hardware {
    /// Where it listens.
    pub address: SocketAddr,
    lit: Receiver<Instant>,
}

impl Hardware {
    /// Hardware whose button is held, or is not.
    pub fn start(held: bool) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let (sender, lit) = channel();
        thread::spawn(move || serve(&listener, held, &sender));
        Ok(Self { address, lit })
    }

    /// When the lamp was first lit over the next connection.
    pub fn next_lit(&self) -> io::Result<Instant> {
        let late = |_| io::Error::new(ErrorKind::TimedOut, "the lamp was not lit again");
        self.lit.recv_timeout(PATIENCE).map_err(late)
    }
}

fn serve(listener: &TcpListener, mut held: bool, lit: &Sender<Instant>) {
    for client in listener.incoming().flatten() {
        // A client that is killed ends its connection in any way.
        let _ = attend(client, &mut held, lit);
    }
}

fn attend(mut client: TcpStream, held: &mut bool, lit: &Sender<Instant>) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut requests = BufReader::new(client.try_clone()?);
    let mut replies = Vec::new();
    let mut dark = true;
    loop {
        let mut message = [0; 4];
        requests.read_exact(&mut message)?;
        match message {
            [6, kind, floor, _] => {
                replies.extend([6, u8::from(*held && [kind, floor] == BUTTON), 0, 0]);
            }
            [7, ..] => replies.extend([7, 1, 0, 0]),
            [read @ 8..=9, ..] => replies.extend([read, 0, 0, 0]),
            [2, kind, floor, 1] if [kind, floor] == BUTTON && dark => {
                let _ = lit.send(Instant::now());
                (dark, *held) = (false, false);
            }
            _ => {}
        }
        if requests.buffer().is_empty() {
            client.write_all(&replies)?;
            replies.clear();
        }
    }
}
