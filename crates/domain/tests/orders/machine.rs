//! The status machine: every pair of status and change.

use cnop_domain::{
    Basis, FILLS_MAX, Fill, GroupKind, IllegalTransition, Link, OrderChange, OrderFill, OrderState,
    OrderStatus, OrderTerms, Quantity, Reason, Role, Side,
};

use crate::fixture::{coins, dollars, limit, price, stop, venue};

fn fill(quantity: Quantity) -> OrderChange {
    let (price, quote) = (price("100"), venue("100").quote);
    let notional = price.times(quantity).unwrap();
    OrderChange::Filled(OrderFill {
        fill: Fill { price, quantity, notional, fee: dollars("0"), quote },
        basis: Basis::Maker,
    })
}

fn changes(terms: OrderTerms) -> Vec<(&'static str, OrderChange)> {
    vec![
        ("accepted", OrderChange::Accepted),
        ("activated", OrderChange::Activated),
        ("triggered", OrderChange::Triggered { quote: venue("100").quote, mark: None }),
        ("part", fill(coins("1"))),
        ("rest", fill(coins("2"))),
        ("canceled", OrderChange::Canceled(Reason::User)),
        ("expired", OrderChange::Expired(Reason::GtdReached)),
        ("rejected", OrderChange::Rejected(Reason::RuleBroken)),
        ("replaced", OrderChange::Replaced { terms, reason: Reason::User }),
    ]
}

/// The possible changes in a status, with their results.
fn possible(state: &OrderState, terms: OrderTerms) -> Vec<(&'static str, OrderStatus)> {
    let made = |(name, change): (&'static str, OrderChange)| Some((name, state.transition(&change).ok()?));
    changes(terms).into_iter().filter_map(made).collect()
}

#[test]
fn every_pair_of_status_and_change_is_decided() {
    use OrderStatus as Status;
    let ends = |open: Status| {
        vec![
            ("canceled", Status::Canceled),
            ("expired", Status::Expired),
            ("rejected", Status::Rejected),
            ("replaced", open),
        ]
    };
    let with = |first: &[(&'static str, Status)], open| [first.to_vec(), ends(open)].concat();
    let resting = OrderState::new(limit(Side::Buy, "2", "90"), None, 10);
    let waiting = OrderState::new(stop(Side::Sell, "2", "90"), None, 10);
    let link = Some(Link { kind: GroupKind::Bracket, role: Role::StopLoss });
    let held = OrderState::new(stop(Side::Sell, "2", "90"), link, 10);
    let terms = resting.terms;
    let filled = [("part", Status::PartiallyFilled), ("rest", Status::Completed)];
    assert_eq!(possible(&resting, terms), [vec![("accepted", Status::Working)], filled.to_vec()].concat());
    assert_eq!(possible(&waiting, terms), [("accepted", Status::WaitingTrigger)]);
    assert_eq!(possible(&held, terms), [("accepted", Status::Held)]);
    let accepted = |state: &OrderState| state.apply(&OrderChange::Accepted).unwrap();
    assert_eq!(possible(&accepted(&resting), terms), with(&filled, Status::Working));
    let triggered = [("triggered", Status::Working)];
    assert_eq!(possible(&accepted(&waiting), terms), with(&triggered, Status::WaitingTrigger));
    let activated = [("activated", Status::WaitingTrigger)];
    assert_eq!(possible(&accepted(&held), terms), with(&activated, Status::Held));
    let part = accepted(&resting).apply(&fill(coins("0.5"))).unwrap();
    assert_eq!(possible(&part, terms), with(&[("part", Status::PartiallyFilled)], Status::PartiallyFilled));
    assert_eq!(part.transition(&fill(coins("1.5"))), Ok(Status::Completed));
    assert!(
        part.transition(&fill(coins("1.501"))).is_err() && part.transition(&fill(Quantity::ZERO)).is_err()
    );
    for (name, end) in changes(terms) {
        if let Ok(after) = accepted(&resting).apply(&end)
            && after.status.is_final()
        {
            assert_eq!(possible(&after, terms), [], "{name} is the end");
        }
    }
}

#[test]
fn new_terms_stay_above_what_is_filled() {
    let resting =
        OrderState::new(limit(Side::Buy, "2", "90"), None, 10).apply(&OrderChange::Accepted).unwrap();
    let part = resting.apply(&fill(coins("0.5"))).unwrap();
    for reason in [Reason::User, Reason::SiblingFill] {
        let to = |quantity: &str| {
            let terms = OrderTerms { quantity: coins(quantity), ..part.terms };
            part.transition(&OrderChange::Replaced { terms, reason })
        };
        assert_eq!(to("0.501"), Ok(OrderStatus::PartiallyFilled));
        for quantity in ["0.5", "0.499"] {
            assert_eq!(to(quantity), Err(IllegalTransition { from: Some(OrderStatus::PartiallyFilled) }));
        }
    }
}

#[test]
fn the_hundredth_fill_is_the_last_and_takes_all() {
    let resting =
        OrderState::new(limit(Side::Buy, "200", "90"), None, 10).apply(&OrderChange::Accepted).unwrap();
    let parts = vec![fill(coins("1")); 99];
    let almost = resting.fold(&parts).unwrap();
    assert_eq!(almost.fills + 1, FILLS_MAX);
    assert!(almost.transition(&fill(coins("1"))).is_err(), "not in part");
    assert_eq!(almost.transition(&fill(coins("101"))), Ok(OrderStatus::Completed));
    let beyond = OrderState { fills: FILLS_MAX, ..almost };
    assert!(beyond.transition(&fill(coins("101"))).is_err());
}

#[test]
fn the_stored_form_is_the_position() {
    let bytes = |reason: Reason| postcard::to_allocvec(&reason).unwrap();
    for (position, reason) in Reason::ALL.into_iter().enumerate() {
        assert_eq!(bytes(reason), [u8::try_from(position).unwrap()]);
        assert_eq!(Reason::from_text(reason.as_str()), Some(reason));
    }
    let state = OrderState::new(stop(Side::Sell, "2", "90"), None, 10);
    let stored = postcard::to_allocvec(&state).unwrap();
    assert_eq!(postcard::from_bytes::<OrderState>(&stored).unwrap(), state);
}
