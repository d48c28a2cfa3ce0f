//! The bytes of the envelope. Whoever must change them must give it another magic, or two versions
//! of the program take each other for strangers.

use lift_group::building::LiftId;
use lift_group::shell::codec::encode;
use lift_group::shell::seal::obituary;

use crate::nodes::{GROUP, key, met};

const TAG: usize = 16;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// An obituary has no payload, so nothing but the envelope and the way of sealing is in it.
#[test]
fn the_bytes_of_an_obituary_stay_as_they_are() {
    let envelope = [
        "4c494631",         // magic
        "01010102",         // format, newest format, obituary, lift 2
        "4348bd618e38e627", // name of the group
        "a3928a87b88b8ada", // name of the key
        "0000000000000000", // no challenge
        "8877665544332211", // incarnation
        "0000000000000000", // no sequence
        "0000",             // no echoes
    ];
    let tag = "e3031c65605e5d1452908d4cb15d4f43";
    let sealed = obituary(&key(1), GROUP, LiftId(2), 0x1122_3344_5566_7788);
    assert_eq!(hex(&sealed), envelope.concat() + tag);
}

#[test]
fn the_envelope_of_a_message_stays_as_it_is() {
    let (mut one, _) = met();
    let datagram = one.say();
    let envelope = [
        "4c494631",         // magic
        "01010001",         // format, newest format, message, lift 1
        "4348bd618e38e627", // name of the group
        "a3928a87b88b8ada", // name of the key
        "6400000001000000", // challenge
        "6400000000000000", // incarnation
        "0300000000000000", // sequence
        "0100",             // one echo
        "6400000002000000", // of lift 2
    ];
    let (payload, _tag) = datagram[58..].split_at(datagram.len() - 58 - TAG);
    assert_eq!(hex(&datagram[..58]), envelope.concat());
    assert_eq!(payload, encode(&one.message).unwrap());
}
