//! The steps of a random day. Numbers become prices and sizes near the valid ones.

use proptest::prelude::*;

/// The fee at the start of a day, and its commands.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) fee_bps: u32,
    pub(crate) commands: Vec<Command>,
}

#[derive(Debug, Clone)]
pub(crate) enum Command {
    Place {
        kind: u8,
        buys: bool,
        size: Size,
        ticks: [i32; 2],
        force: u8,
    },
    Oco {
        buys: bool,
        size: Size,
        ticks: [i32; 2],
        loss: u8,
        times: u8,
    },
    Bracket {
        entry: u8,
        size: Size,
        ticks: [i32; 3],
        exits: u8,
        loss: u8,
        times: u8,
    },
    Move {
        ticks: i32,
        displayed: u32,
        minutes: u8,
    },
    /// Quotes that display one step each.
    Drip {
        quotes: u32,
    },
    Fee {
        bps: u32,
    },
    Cancel {
        pick: usize,
    },
    Replace {
        pick: usize,
        steps: u32,
        ticks: i32,
        field: u8,
    },
}

/// A number of steps; now and then everything there is, which of a sale need not be whole steps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) steps: u32,
    pub(crate) sweeps: bool,
}

fn size() -> impl Strategy<Value = Size> {
    (1..6_000_u32, prop::bool::weighted(0.2)).prop_map(|(steps, sweeps)| Size { steps, sweeps })
}

pub(crate) fn plans() -> impl Strategy<Value = Plan> {
    let ticks = || -300..300_i32;
    // Seven of 10,000 of a value of whole steps and ticks is no whole unit: fees must be rounded.
    let fee = || prop_oneof![2 => Just(7_u32), 1 => Just(0_u32), 2 => 1..400_u32];
    let one = prop_oneof![
        6 => (0..7_u8, any::<bool>(), size(), [ticks(), ticks()], 0..6_u8)
            .prop_map(|(kind, buys, size, ticks, force)| Command::Place { kind, buys, size, ticks, force }),
        5 => (any::<bool>(), size(), [ticks(), ticks()], 0..3_u8, 0..8_u8)
            .prop_map(|(buys, size, ticks, loss, times)| Command::Oco { buys, size, ticks, loss, times }),
        6 => (0..8_u8, size(), [ticks(), ticks(), ticks()], 0..5_u8, 0..3_u8, 0..8_u8).prop_map(
            |(entry, size, ticks, exits, loss, times)| Command::Bracket { entry, size, ticks, exits, loss, times }
        ),
        // Small steps, and now and then a jump that leaves no time for any cushion.
        16 => (prop_oneof![7 => -400..400_i32, 1 => -2_500..2_500_i32], 0..4_000_u32, 0..60_u8)
            .prop_map(|(ticks, displayed, minutes)| Command::Move { ticks, displayed, minutes }),
        1 => (60..110_u32).prop_map(|quotes| Command::Drip { quotes }),
        1 => fee().prop_map(|bps| Command::Fee { bps }),
        2 => any::<usize>().prop_map(|pick| Command::Cancel { pick }),
        7 => (any::<usize>(), 1..6_000_u32, ticks(), 0..9_u8)
            .prop_map(|(pick, steps, ticks, field)| Command::Replace { pick, steps, ticks, field }),
    ];
    (fee(), prop::collection::vec(one, 1..45)).prop_map(|(fee_bps, commands)| Plan { fee_bps, commands })
}
