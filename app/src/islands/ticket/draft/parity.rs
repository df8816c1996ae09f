//! The browser refuses a ticket with the problem that the server would answer, byte for byte.
//!
//! Random tickets, valid and invalid, meet random circumstances of an account. The browser's side is the estimate of the
//! ticket, given what its page reads from the server. The server's side is the real call, which places the order.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use cnop_api::money::TransferRequest;
use cnop_api::trading::{GuardRailsUpdate, OrderRequest};
use cnop_api::{Caller, Code, Problem};
use cnop_domain::{Amount, AssetId, Clock, Quantity, Quote};
use cnop_services::auth::SigningKey;
use cnop_services::ledger::account_open;
use cnop_services::{Config, Environment, Services};
use cnop_testkit::{Backend, market_order};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config as Runs, RngAlgorithm, TestRng, TestRunner};

use super::estimate::decision;
use super::*;
use crate::order_form::Placement;
use crate::zone::ReaderZone;

/// Accounts that are tried.
const CASES: u32 = 48;
/// Tickets of one account.
const TICKETS: usize = 40;
/// Refusals that the tickets must have met, so that the comparison is not empty.
const REFUSALS: [Code; 16] = [
    Code::RequestInvalid,
    Code::BalanceInsufficientFunds,
    Code::BalanceInsufficientQuantity,
    Code::OrderTickSize,
    Code::OrderStepSize,
    Code::OrderQuantityRange,
    Code::OrderNotionalRange,
    Code::OrderPriceBand,
    Code::OrderTimeInForce,
    Code::OrderWouldTrigger,
    Code::OrderWouldTake,
    Code::OrderTooManyOpen,
    Code::OrderGroupInvalid,
    Code::GuardOrderTooLarge,
    Code::GuardKillSwitch,
    Code::GuardCoolDown,
];

/// State of an account before its tickets.
#[derive(Debug, Clone)]
struct Circumstances {
    deposit: &'static str,
    /// Coins that are bought first; empty for none.
    coins: &'static str,
    /// True if some of them are sold at a loss.
    loses: bool,
    largest_order: Option<&'static str>,
    daily_loss: Option<&'static str>,
    cool_down_minutes: Option<u32>,
    kill_switch: bool,
    open_orders: usize,
    /// Displayed sizes at bid and ask.
    sizes: (&'static str, &'static str),
}

fn circumstances() -> impl Strategy<Value = Circumstances> {
    let money = select(vec![
        ("", "", false),
        ("700", "", false),
        ("700", "0.011", false),
        ("9000", "0.1", false),
        ("9000", "0.1", true),
        ("900000", "0.123457", false),
        ("900000", "0.123457", true),
    ]);
    let guards = (
        prop_oneof![3 => Just(None), 1 => select(vec![Some("100"), Some("640.5")])],
        prop_oneof![2 => Just(None), 1 => Just(Some("1"))],
        prop_oneof![2 => Just(None), 1 => Just(Some(60))],
        prop::bool::weighted(0.1),
    );
    let sizes = select(vec![("1000", "1000"), ("0.003", "0.004"), ("0", "0")]);
    (money, guards, prop_oneof![4 => Just(0), 1 => 197..=200_usize], sizes).prop_map(
        |((deposit, coins, loses), guards, open_orders, sizes)| {
            let (largest_order, daily_loss, cool_down_minutes, kill_switch) = guards;
            let open_orders = if deposit.len() > 3 { open_orders } else { 0 };
            Circumstances {
                deposit,
                coins,
                loses,
                largest_order,
                daily_loss,
                cool_down_minutes,
                kill_switch,
                open_orders,
                sizes,
            }
        },
    )
}

/// A number as a person types it: on a grid, off it, or no number at all.
fn number(from: i128, to: i128, grid: i128) -> impl Strategy<Value = String> {
    const ODD: [&str; 9] =
        ["", " ", "0", "-1", "1e3", "1,000", "0.123456789", "far", "99999999999999999999999999999999"];
    let text = |units: i128| Amount::from_units(units).unwrap().to_string();
    prop_oneof![
        12 => (from / grid..=to / grid).prop_map(move |steps| text(steps * grid)),
        2 => (from..=to).prop_map(text),
        1 => select(&ODD[..]).prop_map(str::to_owned),
    ]
}

/// A price from a tenth to six times the last one, mostly near it.
fn price() -> impl Strategy<Value = String> {
    const DOLLAR: i128 = 100_000_000;
    prop_oneof![
        8 => number(55_000 * DOLLAR, 70_000 * DOLLAR, 10 * DOLLAR),
        2 => number(61_980 * DOLLAR, 62_020 * DOLLAR, DOLLAR / 10),
        2 => number(6_200 * DOLLAR, 372_000 * DOLLAR, 100 * DOLLAR),
    ]
}

fn amount() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => number(10_000, 20_000_000, 10_000),
        2 => number(100, 100_000, 100),
        3 => number(100_000_000, 2_000_000_000_000, 50_000_000),
    ]
}

fn trail() -> impl Strategy<Value = String> {
    prop_oneof![number(0, 6_000_000_000, 1_000_000), number(0, 7_000_000_000_000, 10_000_000)]
}

fn word(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(words).prop_map(str::to_owned)
}

fn ticket() -> impl Strategy<Value = OrderForm> {
    const KINDS: [&str; 8] =
        ["market", "limit", "stop", "stop_limit", "take_profit", "take_profit_limit", "trailing_stop", "oco"];
    const DAYS: [&str; 6] = ["2026-11-22", "2026-11-21", "2026-11-19", "2028-01-01", "2026-02-30", ""];
    let order = (word(&["buy", "sell"]), word(&KINDS), word(&["asset", "usd"]), amount(), price(), price());
    let life = (word(&["", "gtc", "gtd", "ioc", "fok"]), word(&DAYS), word(&["", "true"]));
    let trails = (trail(), word(&["percent", "usd"]), trail(), word(&["percent", "usd"]));
    let exit = || prop_oneof![2 => Just(String::new()), 3 => price()];
    let exits = (exit(), word(&["stop", "stop_limit", "trailing_stop"]), exit(), exit());
    (order, life, trails, exits).prop_map(|(order, life, trails, exits)| {
        let (side, kind, unit, amount, price, stop_price) = order;
        let (time_in_force, expires_at, post_only) = life;
        let (trail, trail_unit, stop_loss_trail, stop_loss_unit) = trails;
        let (take_profit, stop_loss_type, stop_loss, stop_loss_price) = exits;
        OrderForm {
            side,
            kind,
            unit,
            amount,
            price,
            stop_price,
            trail,
            trail_unit,
            time_in_force,
            expires_at,
            post_only,
            take_profit,
            stop_loss_type,
            stop_loss,
            stop_loss_price,
            stop_loss_trail,
            stop_loss_unit,
        }
    })
}

/// One account at one server.
struct Trader {
    backend: Backend,
    services: Services,
    caller: Caller,
    bitcoin: AssetId,
}

impl Trader {
    async fn in_circumstances(circumstances: &Circumstances) -> Self {
        let backend = Backend::in_memory();
        let caller = cnop_testkit::caller(1);
        let opening = account_open(&caller.account_id, backend.clock.now_us()).unwrap();
        backend.table.transact(opening).await.unwrap();
        let signing_key = SigningKey::generate(backend.entropy.as_ref());
        let environment = Environment {
            table: Arc::clone(&backend.table),
            coordinator: Arc::clone(&backend.coordinator) as _,
            market: backend.market.market(),
            clock: Arc::clone(&backend.clock) as _,
            entropy: Arc::clone(&backend.entropy) as _,
            mailer: Arc::new(cnop_services::mailer::NoMailer),
        };
        let config = Config { daily_deposit_limit: Amount::MAX, ..Config::default() };
        let services = Services::new(environment, config, signing_key);
        let trader = Self { backend, services, caller, bitcoin: "BTC".parse().unwrap() };
        trader.prepare(circumstances).await;
        trader
    }

    async fn prepare(&self, circumstances: &Circumstances) {
        let Self { services, caller, .. } = self;
        if !circumstances.deposit.is_empty() {
            let deposit = TransferRequest::from(cnop_api::Figure::from(circumstances.deposit));
            services.ledger.deposit(caller, deposit, None).await.unwrap();
        }
        if !circumstances.coins.is_empty() {
            self.place(bitcoin("buy", circumstances.coins)).await;
        }
        if circumstances.loses {
            self.last_set("50000");
            self.place(bitcoin("sell", "0.001")).await;
            self.last_set("62000");
        }
        for number in 0..circumstances.open_orders {
            let price = (50_000 - number).to_string();
            let rests = OrderRequest {
                kind: Some("limit".to_owned()),
                price: Some(price.as_str().into()),
                ..bitcoin("buy", "0.0002")
            };
            self.place(rests).await;
        }
        let guards = GuardRailsUpdate {
            largest_order: circumstances.largest_order.map(|text| Some(text.into())),
            daily_loss: circumstances.daily_loss.map(|text| Some(text.into())),
            cool_down_minutes: circumstances.cool_down_minutes.map(Some),
            kill_switch: circumstances.kill_switch.then_some(true),
        };
        if guards != GuardRailsUpdate::default() {
            services.guards.update(caller, guards, None).await.unwrap();
        }
        self.quote(circumstances.sizes);
    }

    async fn place(&self, request: OrderRequest) {
        self.services.orders.place(&self.caller, request, None).await.unwrap();
    }

    fn last_set(&self, last: &str) {
        self.backend.price_set("BTC", last);
    }

    /// Publishes a new quote with untouched displayed sizes: the browser does not know how much of them is
    /// taken.
    fn quote(&self, (bid_size, ask_size): (&str, &str)) {
        let quote = self.backend.market.market().snapshot().get(self.bitcoin).unwrap().quote;
        let (bid_size, ask_size) = (bid_size.parse().unwrap(), ask_size.parse().unwrap());
        let quote = Quote { bid_size, ask_size, seq: quote.seq + 1, ..quote };
        self.backend.market.quote_set(self.bitcoin, quote);
    }

    /// Data that the page of the ticket reads.
    async fn basis(&self) -> EstimateContext {
        let Self { backend, services, caller, bitcoin } = self;
        let balances = services.ledger.asset_balances(caller).await.unwrap();
        let held = balances.iter().find(|balance| balance.asset_id == *bitcoin);
        let market = backend.market.market();
        EstimateContext {
            asset_id: *bitcoin,
            rules: market.catalogue().get(*bitcoin).unwrap().rules,
            quote: market.snapshot().get(*bitcoin).unwrap().quote,
            fee_bps: services.config().fee_bps,
            order_notional_max: services.config().order_notional_max,
            cash: services.ledger.balance(caller).await.unwrap().available,
            coins: held.map_or(Quantity::ZERO, |balance| balance.available),
            held: held.map_or(Quantity::ZERO, |balance| balance.quantity),
            cost: Amount::ZERO,
            now_us: backend.clock.now_us(),
            limits: services.ledger.limits(&caller.account_id).await.unwrap(),
            zone: zone(),
        }
    }

    /// The server's refusal of the ticket; otherwise the order is placed.
    async fn refusal(&self, form: &OrderForm) -> Option<Problem> {
        let Self { services, caller, bitcoin, .. } = self;
        let placed = match form.request(bitcoin.as_str(), &zone()) {
            Ok(Placement::One(request)) => services.orders.place(caller, *request, None).await.err(),
            Ok(Placement::Group(request)) => services.orders.place_group(caller, *request, None).await.err(),
            Err(problem) => return Some(problem),
        };
        placed.map(Problem::from)
    }
}

/// A zone whose days are not those of the venue.
fn zone() -> ReaderZone {
    ReaderZone::named("Pacific/Pago_Pago", 0).unwrap()
}

/// A market order of bitcoin.
fn bitcoin(side: &str, quantity: &str) -> OrderRequest {
    market_order(side, "BTC", quantity)
}

#[test]
fn browser_and_server_refuse_every_ticket_with_the_same_problem() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let seen = RefCell::new(BTreeSet::new());
    let placed = RefCell::new(0_u32);
    // The same tickets in every run: what they must have met is met.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner =
        TestRunner::new_with_rng(Runs { cases: CASES, failure_persistence: None, ..Runs::default() }, rng);
    let cases = (circumstances(), prop::collection::vec(ticket(), TICKETS));
    let outcome = runner.run(&cases, |(circumstances, tickets)| {
        runtime.block_on(async {
            let trader = Trader::in_circumstances(&circumstances).await;
            for form in &tickets {
                let browser = decision(form, &trader.basis().await).err();
                let server = trader.refusal(form).await;
                let text = |problem: &Option<Problem>| serde_json::to_string(problem).unwrap();
                prop_assert_eq!(text(&browser), text(&server), "{:?}", form);
                match browser {
                    Some(problem) => _ = seen.borrow_mut().insert(problem.code),
                    None => {
                        *placed.borrow_mut() += 1;
                        trader.quote(circumstances.sizes);
                    }
                }
            }
            Ok(())
        })
    });
    outcome.unwrap();
    let missing: Vec<Code> = REFUSALS.into_iter().filter(|code| !seen.borrow().contains(code)).collect();
    assert!(missing.is_empty(), "never met: {missing:?}");
    assert!(*placed.borrow() > CASES, "too few tickets were valid: {}", placed.borrow());
}
