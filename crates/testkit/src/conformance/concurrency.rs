//! Conformance cases with many concurrent writers.

use std::sync::Arc;

use cnop_store::{Condition, Key, StoreError, Table, Write};

use super::{Fixture, get, put};

const WRITERS: usize = 8;
const ROUNDS: usize = 12;
const ACCOUNTS: usize = 5;

fn number(body: &[u8]) -> i64 {
    std::str::from_utf8(body).unwrap().parse().unwrap()
}

/// Many writers increment one item by version and retry after conflicts: no increment is lost.
pub async fn increments_lose_nothing(Fixture { table, .. }: Fixture) {
    table.transact(vec![put("p", "count", "0", Condition::Absent)]).await.unwrap();
    let writers: Vec<_> = (0..WRITERS).map(|_| tokio::spawn(increment(Arc::clone(&table)))).collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let item = get(&*table, "p", "count").await.unwrap();
    assert_eq!(number(&item.body), i64::try_from(WRITERS * ROUNDS).unwrap());
    assert_eq!(item.version, u64::try_from(WRITERS * ROUNDS).unwrap() + 1);
}

async fn increment(table: Arc<dyn Table>) {
    let mut current = get(&*table, "p", "count").await.unwrap();
    for _ in 0..ROUNDS {
        loop {
            let next = (number(&current.body) + 1).to_string();
            let write = put("p", "count", &next, Condition::Version(current.version));
            match table.transact(vec![write]).await {
                Ok(()) => break current = get(&*table, "p", "count").await.unwrap(),
                // The refusal brings the item as it is: no read is needed before the next attempt.
                Err(StoreError::Conflict(failed)) => current = failed[0].current.clone().unwrap(),
                Err(StoreError::Busy) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    }
}

/// Transfers between a few accounts, each with its own record: the sum is constant, and each record exists
/// once.
pub async fn transfers_conserve_the_sum(Fixture { table, .. }: Fixture) {
    for account in 0..ACCOUNTS {
        table.transact(vec![put("account", &account.to_string(), "1000", Condition::Absent)]).await.unwrap();
    }
    let writers: Vec<_> =
        (0..WRITERS).map(|writer| tokio::spawn(transfer(Arc::clone(&table), writer))).collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let mut expected = [1_000_i64; ACCOUNTS];
    for writer in 0..WRITERS {
        for round in 0..ROUNDS {
            let record = get(&*table, "record", &format!("{writer}-{round}")).await.unwrap();
            assert_eq!(record.version, 1);
            let (from, to, amount) = plan(writer, round);
            expected[from] -= amount;
            expected[to] += amount;
        }
    }
    for (account, expected) in expected.into_iter().enumerate() {
        let item = get(&*table, "account", &account.to_string()).await.unwrap();
        assert_eq!(number(&item.body), expected);
    }
}

fn plan(writer: usize, round: usize) -> (usize, usize, i64) {
    let from = (writer * 3 + round) % ACCOUNTS;
    let to = (from + 1 + round % (ACCOUNTS - 1)) % ACCOUNTS;
    (from, to, i64::try_from(writer * ROUNDS + round + 1).unwrap())
}

async fn transfer(table: Arc<dyn Table>, writer: usize) {
    for round in 0..ROUNDS {
        let (from, to, amount) = plan(writer, round);
        loop {
            let payer = get(&*table, "account", &from.to_string()).await.unwrap();
            let payee = get(&*table, "account", &to.to_string()).await.unwrap();
            let payer_next = (number(&payer.body) - amount).to_string();
            let payee_next = (number(&payee.body) + amount).to_string();
            let record = Key::new("record", format!("{writer}-{round}"));
            let writes = vec![
                Write::put(payer.key, payer_next, Condition::Version(payer.version)),
                Write::put(payee.key, payee_next, Condition::Version(payee.version)),
                Write::put(record, amount.to_string(), Condition::Absent),
            ];
            match table.transact(writes).await {
                Ok(()) => break,
                Err(StoreError::Conflict(failed)) => assert!(failed.iter().all(|failed| failed.index < 2)),
                Err(StoreError::Busy) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    }
}

/// Of many writers that create the same item, one succeeds. The others see its item in the conflict.
pub async fn one_creator_wins(Fixture { table, .. }: Fixture) {
    let creators: Vec<_> = (0..WRITERS)
        .map(|creator| {
            let table = Arc::clone(&table);
            tokio::spawn(async move {
                let write = put("p", "claim", &creator.to_string(), Condition::Absent);
                loop {
                    match table.transact(vec![write.clone()]).await {
                        Err(StoreError::Busy) => {}
                        result => break result,
                    }
                }
            })
        })
        .collect();
    let mut winners = Vec::new();
    let mut shown = Vec::new();
    for (creator, handle) in creators.into_iter().enumerate() {
        match handle.await.unwrap() {
            Ok(()) => winners.push(creator.to_string()),
            Err(StoreError::Conflict(failed)) => shown.push(failed[0].current.clone().unwrap().body),
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(winners.len(), 1);
    assert!(shown.iter().all(|body| body == winners[0].as_bytes()));
    let claim = get(&*table, "p", "claim").await.unwrap();
    assert_eq!((claim.version, &claim.body[..]), (1, winners[0].as_bytes()));
}
