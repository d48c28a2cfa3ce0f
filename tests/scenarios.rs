//! One lift in virtual time: each test is one promise, told as a small story.

#[path = "scenarios/house.rs"]
mod house;
#[path = "scenarios/shaft.rs"]
mod shaft;
#[path = "scenarios/store.rs"]
mod store;
#[path = "scenarios/wire.rs"]
mod wire;
#[path = "scenarios/world.rs"]
mod world;

#[path = "scenarios/car_and_door.rs"]
mod car_and_door;
#[path = "scenarios/chaos.rs"]
mod chaos;
#[path = "scenarios/crashes.rs"]
mod crashes;
#[path = "scenarios/disk.rs"]
mod disk;
#[path = "scenarios/faults.rs"]
mod faults;
#[path = "scenarios/group.rs"]
mod group;
#[path = "scenarios/group_faults.rs"]
mod group_faults;
#[path = "scenarios/links.rs"]
mod links;
#[path = "scenarios/lives.rs"]
mod lives;
#[path = "scenarios/tall.rs"]
mod tall;
#[path = "scenarios/versions.rs"]
mod versions;
