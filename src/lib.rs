//! A lift group controller that keeps its promises: a lit call lamp is served, whatever fails.
//!
//! # The picture
//!
//! ```text
//!  buttons, lamps, door, drive          the other lifts' controllers
//!         │ TCP, the elevator protocol           │ UDP broadcast, sealed
//!  ┌──────┴──────────────────────────────────────┴────────┐
//!  │ lift-controller: one thread, one poll loop           │
//!  │   shell   carries bytes, decides nothing             │
//!  │   node    Input → Output: lift, group, calls, lamps  │ pure
//!  └──────┬───────────────────────────────────────────────┘
//!         │ Unix socket: heartbeat, checkpoint → ← restored checkpoint, saved, stop
//!  ┌──────┴───────────────────────────────────────────────┐
//!  │ lift-supervisor: one thread, and one for the disk    │──→ systemd
//!  │   policy  Event → Action: who lives, with what past  │ pure
//!  │   writer  two copies, synced before acknowledged     │
//!  └──────┬───────────────────────────────────────────────┘
//!         │ fdatasync
//!    the state directory: checkpoint, proven, incarnation
//! ```
//!
//! Whatever goes wrong in a controller, the answer is the same: it ends, at once, and another one
//! goes on with the newest checkpoint. So there is no recovery code beside the code that starts: a
//! first start, a crash, a hang, a lost connection and a power cut are one path, walked often. A
//! controller may be complicated, since it may fail; the supervisor must not fail, so it is small
//! and knows nothing of lifts.
//!
//! # The map, in the order of reading
//!
//! Pure: told what the time is and what has happened, answers what is to be done.
//!
//! - The words: [`time`], [`building`], [`config`], and [`calls`], the set of registered calls
//!   that merges and never loses a press.
//!   In a tall building it is several, one for every few floors, so that each fits into a datagram.
//! - [`lift`]: a car, its drive and its door, under collective control.
//! - [`group`]: who is there, who is primary, which lift answers which call, which lamps may be lit.
//!   Its [`group::message`] is the protocol.
//! - [`node`]: a lift, its calls and its group; what a next life must know.
//! - [`supervisor::policy`]: when a controller is started, killed, trusted.
//! - [`sim`]: whole groups of the above in a simulated building where everything goes wrong, and
//!   the judge of all promises, who sees no more than a person with a stopwatch.
//!
//! The world: all that can block, fail or be slow.
//!
//! - [`shell`]: the controller's loop, its hardware, the link between the two programs, status,
//!   signals, log, clock.
//! - [`supervisor`]: the rest of it; the loop, the child process, the disk.
//!
//! Around it: `bin/` has the programs, of which `bin/lift-simulator` is hardware for machines that
//! have none, `systemd/` the unit, `benches/` how long a recovery takes, and
//! a takeover.
//!
//! # Invariants
//!
//! Mostly things that are not there. Each is followed by the tests that would miss it; that these
//! exist is itself a test.
//!
//! **The core**
//! - It names no clock, chance, file, socket, thread or log: `no_layer_knows_what_it_must_not_know`.
//! - A car that moves with its door open cannot be written down: [`lift::car::Car`]. Nor is it ever
//!   seen at the hardware: `a_controller_killed_at_any_moment_keeps_every_promise`.
//! - No lamp is lit before its call would come back after a power cut: `a_lamp_waits_for_the_disk`,
//!   `a_lamp_is_lit_when_its_call_is_durable_and_not_before`,
//!   `a_lamp_waits_for_the_disk_even_when_the_life_that_began_to_wait_is_over`,
//!   `a_panel_lights_a_hall_call_that_its_own_lift_would_still_know_after_a_power_loss`; where no
//!   disk works, before the supervisor has it: `a_lamp_is_lit_after_its_call_was_handed_to_the_supervisor`.
//! - No lit lamp goes out before a door was open there, as the hardware itself has confirmed:
//!   `a_hardware_that_goes_silent_at_the_door_has_answered_nothing`,
//!   `a_lit_lamp_stays_lit_when_the_disk_fails_and_comes_back`,
//!   `a_lift_that_has_lost_its_disk_puts_no_lamp_out_until_it_has_been_told_of_all_parts`.
//! - No moment is a bad one for a crash: `a_controller_killed_at_any_moment_keeps_every_promise`,
//!   `a_node_that_loses_power_at_any_moment_keeps_every_promise`.
//! - No answered call comes back, no press is taken for an older one:
//!   `a_call_that_was_answered_does_not_come_back`,
//!   `an_answered_call_stays_answered_whatever_copy_of_before_arrives`,
//!   `no_copy_of_before_takes_a_press_back`,
//!   `an_answered_call_does_not_come_back_with_a_message_that_was_under_way`.
//! - No copy of a call is where nobody looks for it:
//!   `an_answered_call_does_not_come_back_with_a_lift_that_was_never_heard`,
//!   `a_lift_tells_its_calls_to_nobody_whom_it_would_not_know_after_a_power_loss`,
//!   `a_lift_that_was_forgotten_is_told_of_calls_when_it_would_be_known_again`,
//!   `no_history_of_lives_that_are_forgotten_brings_a_call_back`.
//! - No one keeps a lift for himself: `nobody_holds_a_lift_that_others_wait_for`.
//!
//! **The group**
//! - No press goes unanswered and none is answered for ever, in any order of deliveries and crashes:
//!   `no_history_loses_a_press_or_answers_one_twice`.
//! - No group is too large for its datagrams and checkpoints, and no part of its calls speaks for
//!   another: `a_part_of_the_worst_day_fits_into_a_datagram_and_leaves_room`,
//!   `the_largest_checkpoint_goes_over_the_link_and_comes_back`,
//!   `a_part_that_arrives_says_nothing_about_the_others`.
//! - No call waits for a lift that is gone, or does not know of it:
//!   `a_call_assigned_to_a_lift_that_dies_is_answered_by_another`,
//!   `nobody_is_sent_to_a_call_of_which_it_is_not_told`.
//! - No group stays without a primary, and none with two that hear each other:
//!   `a_killed_primary_is_replaced_at_once_and_comes_back_as_backup`,
//!   `two_sides_of_a_partition_serve_on_and_unite`.
//! - No fault of a real network, process, disk or lift costs a call, and no intruder is believed or
//!   holds anybody up: `every_kind_of_fault_loses_no_call`,
//!   `whatever_goes_wrong_no_promise_is_broken`,
//!   `nothing_that_an_intruder_repeats_or_forges_counts`,
//!   `a_flood_of_datagrams_holds_up_nobody`.
//! - No node alone displaces the primary of others:
//!   `a_lone_node_never_displaces_the_primary_of_a_group`.
//! - No lift is told what to do by two primaries, whoever hears whom:
//!   `no_lift_is_told_what_to_do_by_two_primaries`.
//! - No takeover says anything to the hardware that was not to be said anyhow:
//!   `a_takeover_says_nothing_to_the_hardware_that_was_not_to_be_said_anyhow`.
//! - No two living nodes share a number in one group, and none stays below a former life of its
//!   own: `of_two_living_nodes_with_one_number_the_later_one_goes_on_alone`,
//!   `a_node_below_its_own_former_life_begins_again_above_it`,
//!   `a_lift_that_lives_and_is_said_to_be_dead_begins_again_above_that`.
//! - No copy of before brings back a lift that was forgotten:
//!   `a_forgotten_node_does_not_come_back_with_a_copy_of_before`.
//! - No wall clock decides anything: `what_a_clock_says_matters_to_nobody`.
//! - Nobody waits for ever, however many others press:
//!   `nobody_is_forgotten_by_lifts_that_have_more_to_do_than_they_can`.
//!
//! **The supervisor**
//! - It knows no lift, call or lamp: `no_layer_knows_what_it_must_not_know`.
//! - It never waits for a disk: `a_save_never_waits_for_a_sync_that_hangs`.
//! - Nothing is acknowledged that a power cut could take:
//!   `a_power_cut_at_any_operation_and_byte_loses_nothing_acknowledged`,
//!   `a_failed_operation_is_never_taken_for_success_later`.
//! - No damaged byte is believed: `any_flipped_bit_costs_at_most_the_copy_it_hits_and_is_told`,
//!   `every_truncation_leaves_the_copy_that_is_whole`.
//! - There are never two controllers for one lift:
//!   `while_a_controller_outlives_its_supervisor_there_is_no_other`,
//!   `a_second_supervisor_leaves_and_the_first_goes_on`.
//! - No controller outlives its supervisor:
//!   `a_controller_dies_with_its_supervisor_and_the_next_one_has_its_checkpoint`,
//!   `it_leaves_when_its_supervisor_is_gone`.
//! - No two lives have one number: `every_start_begins_above_all_incarnations_that_may_have_been_used`.
//! - No crash discards anything, and none is one too many:
//!   `a_crash_loop_slows_down_and_discards_nothing`,
//!   `a_reload_acquits_every_checkpoint`,
//!   `a_poisoned_checkpoint_is_set_aside_when_the_controller_works_without_it`.
//!
//! **The shell**
//! - No other user is told anything or gives orders:
//!   `another_user_is_told_nothing_and_gives_no_orders`.
//! - No command reaches hardware that has not answered:
//!   `no_command_goes_out_before_the_first_reading_was_answered`.
//! - No message to the hardware is split: `no_message_is_split_when_the_server_lags_behind`.
//! - No client, disk, hardware or reader of the log can hold up the loop:
//!   `heartbeats_go_on_while_the_hardware_is_silent`, `a_client_that_reads_nothing_holds_up_nobody`,
//!   `a_log_that_nobody_reads_holds_up_neither_lift_nor_supervisor`.
//!
//! **The house**
//! - Nothing above is believed of a rig that would not miss it: of each mistake on the list of
//!   [`sabotage`] the simulated building finds that something is wrong:
//!   `every_sabotage_of_the_even_half_is_found`, `every_sabotage_of_the_odd_half_is_found`.
//! - No `unsafe`, no `unwrap` outside tests: `nothing_outside_tests_gives_up_by_unwrap_or_expect`.
//! - No dependency has more than one home: `every_dependency_stays_at_home`.
//! - The simulator shares no line with the controller, so that no error can be on both sides:
//!   `no_layer_knows_what_it_must_not_know`.

pub mod building;
pub mod calls;
pub mod config;
pub mod group;
pub mod lift;
pub mod node;
pub mod sabotage;
pub mod shell;
pub mod sim;
pub mod supervisor;
pub mod time;
