//! Execution of traders' commands at a venue, each until it has an answer, and the record of the answers.

use std::collections::BTreeMap;

use cnop_api::trading::{OrderGroupView, OrderRequest, OrderView};
use cnop_api::{Caller, Figure, Problem};
use cnop_domain::AssetId;
use cnop_services::{Error, IdempotencyKey, Services};
use cnop_testkit::caller;

use crate::answers::Answers;
use crate::traders::{TraderCommand, Traders};
use crate::{ASSETS, Outcome};

/// First deposit of each account, in dollars.
const FIRST_DEPOSIT: &str = "20000";
/// First purchase of some assets by each account, in dollars.
const FIRST_PURCHASE: &str = "600";
/// Number of assets in the first purchases.
const FIRST_PURCHASES: usize = 4;

/// One server or several, as a client sees them.
pub(crate) trait Venue {
    /// Retries a command until it succeeds or is refused, as a client with an idempotency key does.
    async fn insist<T>(
        &mut self,
        call: impl AsyncFn(&Services) -> Result<T, Error>,
    ) -> Outcome<Result<T, Problem>>;

    /// Counts an attempt that failed in part.
    fn failed(&mut self);
}

/// The traders of a day, and what was acknowledged to them.
#[derive(Debug)]
pub(crate) struct Commands {
    pub(crate) traders: Traders,
    pub(crate) callers: Vec<Caller>,
    pub(crate) answers: Answers,
    /// Successful commands by kind.
    pub(crate) done: BTreeMap<String, u64>,
    /// Commands that were refused, by the problem's code.
    pub(crate) refused: BTreeMap<String, u64>,
    /// Numbers the commands; their keys are made of it.
    number: u64,
}

impl Commands {
    pub(crate) fn new(seed: u64, accounts: usize) -> Self {
        Self {
            traders: Traders::new(seed, accounts),
            callers: (1..=accounts).map(caller).collect(),
            answers: Answers::default(),
            done: BTreeMap::new(),
            refused: BTreeMap::new(),
            number: 0,
        }
    }

    /// Fills all accounts with money and some coins.
    pub(crate) async fn begin(&mut self, venue: &mut impl Venue) -> Outcome<()> {
        for who in 0..self.callers.len() {
            let amount = Figure(FIRST_DEPOSIT.to_owned());
            let deposit = cnop_api::money::TransferRequest::from(amount);
            self.execute(venue, who, TraderCommand::Deposit(deposit)).await?;
            for offset in 0..FIRST_PURCHASES {
                let asset_id = ASSETS.get((who + offset) % ASSETS.len()).ok_or("there are no assets")?;
                let request = OrderRequest {
                    order_type: Some("market_buy".to_owned()),
                    asset_id: (*asset_id).to_owned(),
                    quote_quantity: Some(Figure(FIRST_PURCHASE.to_owned())),
                    ..OrderRequest::default()
                };
                self.execute(venue, who, TraderCommand::Order(Box::new(request))).await?;
            }
        }
        Ok(())
    }

    /// Sends a command until it has an answer, and records the answer.
    pub(crate) async fn execute(
        &mut self,
        venue: &mut impl Venue,
        who: usize,
        command: TraderCommand,
    ) -> Outcome<()> {
        self.number += 1;
        let key: IdempotencyKey = format!("sim-{}", self.number).parse()?;
        let name = command.name();
        match self.answer(venue, who, command, &key).await? {
            None => *self.done.entry(name.to_owned()).or_default() += 1,
            Some(problem) => *self.refused.entry(problem.code.as_str().to_owned()).or_default() += 1,
        }
        Ok(())
    }

    /// The venue's answer is kept; its refusal is returned.
    async fn answer(
        &mut self,
        venue: &mut impl Venue,
        who: usize,
        command: TraderCommand,
        key: &IdempotencyKey,
    ) -> Outcome<Option<Problem>> {
        let key = || Some(key.clone());
        let caller = self.callers.get(who).cloned().ok_or("nobody asks")?;
        match command {
            TraderCommand::Order(request) => self.order(venue, who, &caller, *request, key()).await,
            TraderCommand::Group(request) => {
                let place = async |services: &Services| {
                    services.orders.place_group(&caller, (*request).clone(), key()).await
                };
                let done = venue.insist(place).await?;
                self.grouped(who, done)
            }
            TraderCommand::Cancel(order_id) => {
                let cancel =
                    async |services: &Services| services.orders.cancel(&caller, order_id, None, key()).await;
                let done = venue.insist(cancel).await?;
                self.changed(who, done)
            }
            TraderCommand::Replace(order_id, request) => {
                let replace = async |services: &Services| {
                    services.orders.replace(&caller, order_id, (*request).clone(), None, key()).await
                };
                let done = venue.insist(replace).await?;
                self.changed(who, done)
            }
            TraderCommand::CancelAll(asset_id) => {
                self.cancel_all(venue, who, &caller, asset_id).await.map(|()| None)
            }
            TraderCommand::Close(asset_id, request) => {
                let close = async |services: &Services| {
                    services.orders.close_position(&caller, asset_id, request.clone(), key()).await
                };
                let done = venue.insist(close).await?;
                self.placed(who, done)
            }
            TraderCommand::Alert(request) => {
                let create =
                    async |services: &Services| services.alerts.create(&caller, request.clone(), key()).await;
                Ok(venue.insist(create).await?.err())
            }
            TraderCommand::Plan(request) => {
                let create = async |services: &Services| {
                    services.recurring.create(&caller, request.clone(), key()).await
                };
                Ok(venue.insist(create).await?.err())
            }
            TraderCommand::Guards(update) => {
                let change =
                    async |services: &Services| services.guards.update(&caller, update.clone(), key()).await;
                Ok(venue.insist(change).await?.err())
            }
            TraderCommand::Deposit(request) => {
                let deposit = async |services: &Services| {
                    services.ledger.deposit(&caller, request.clone(), key()).await
                };
                let done = venue.insist(deposit).await?;
                self.transferred(request.amount.as_str(), true, done)
            }
            TraderCommand::Withdraw(request) => {
                let withdraw = async |services: &Services| {
                    services.ledger.withdraw(&caller, request.clone(), key()).await
                };
                let done = venue.insist(withdraw).await?;
                self.transferred(request.amount.as_str(), false, done)
            }
        }
    }

    /// One third of the orders is repeated under the client order id alone, one third under the key alone,
    /// one third under both.
    async fn order(
        &mut self,
        venue: &mut impl Venue,
        who: usize,
        caller: &Caller,
        mut request: OrderRequest,
        key: Option<IdempotencyKey>,
    ) -> Outcome<Option<Problem>> {
        request.client_order_id = (self.number % 3 != 1).then(|| format!("own-{}", self.number));
        let key = key.filter(|_| !self.number.is_multiple_of(3));
        let place =
            async |services: &Services| services.orders.place(caller, request.clone(), key.clone()).await;
        let done = venue.insist(place).await?;
        self.placed(who, done)
    }

    fn grouped(&mut self, who: usize, done: Result<OrderGroupView, Problem>) -> Outcome<Option<Problem>> {
        let group = match done {
            Ok(group) => group,
            Err(problem) => return Ok(Some(problem)),
        };
        self.answers.group(who, &group.orders)?;
        for order in &group.orders {
            self.traders.remember(who, order);
        }
        Ok(None)
    }

    fn placed(&mut self, who: usize, done: Result<OrderView, Problem>) -> Outcome<Option<Problem>> {
        let order = match done {
            Ok(order) => order,
            Err(problem) => return Ok(Some(problem)),
        };
        self.answers.placed(who, &order)?;
        self.traders.remember(who, &order);
        Ok(None)
    }

    fn changed(&mut self, who: usize, done: Result<OrderView, Problem>) -> Outcome<Option<Problem>> {
        match done {
            Ok(order) => self.answers.changed(who, &order).map(|()| None),
            Err(problem) => Ok(Some(problem)),
        }
    }

    fn transferred<T>(
        &mut self,
        amount: &str,
        is_deposit: bool,
        done: Result<T, Problem>,
    ) -> Outcome<Option<Problem>> {
        match done {
            Ok(_) => self.answers.transferred(amount, is_deposit).map(|()| None),
            Err(problem) => Ok(Some(problem)),
        }
    }

    /// Cancels until no result is a failure of the table.
    async fn cancel_all(
        &mut self,
        venue: &mut impl Venue,
        who: usize,
        caller: &Caller,
        asset_id: Option<AssetId>,
    ) -> Outcome<()> {
        loop {
            let done = venue
                .insist(async |services| services.orders.cancel_all(caller, asset_id, None).await)
                .await?
                .map_err(|problem| format!("canceling all was refused: {problem}"))?;
            for result in &done {
                match &result.order {
                    Some(order) => self.answers.changed(who, order)?,
                    None if result.status == 503 => venue.failed(),
                    None => return Err(format!("an open order was not canceled: {result:?}").into()),
                }
            }
            if done.iter().all(|result| result.order.is_some()) {
                return Ok(());
            }
        }
    }
}
