//! Golden bytes of the stored forms. A change here is a change of the data on disk.

use cnop_domain::{
    Bucket, Currency, DayTrades, Guard, LedgerAccount, LossRecord, NetTrades, OrderId, Posting,
};

use super::*;
use crate::records::{
    ClientOrder, Head, HoldingRecord, MovementRecord, Record, StoredAnswer, decode, encode,
};

fn amount(units: i128) -> Amount {
    Amount::from_units(units).unwrap()
}

fn stays<T>(record: &T, bytes: &str)
where
    T: Record + PartialEq + std::fmt::Debug,
{
    let body = encode(record).unwrap();
    assert_eq!(hex::encode(&body), bytes);
    assert_eq!(&decode::<T>(&body).unwrap(), record);
    assert!(decode::<T>(&body[..body.len() - 1]).is_err(), "shortened");
    assert!(decode::<T>(&[&body[..], &[0]].concat()).is_err(), "lengthened");
    assert!(decode::<T>(&[&[9], &body[1..]].concat()).is_err(), "another schema");
}

#[test]
fn head() {
    let head = Head {
        available: amount(1_234_567_890),
        reserved: amount(5),
        seq: 300,
        hash: [7; 32],
        time_us: 1_795_255_200_000_000,
        orders: 2,
        transactions: 3,
        deposited: amount(1_000),
        withdrawn: amount(10),
        fees: amount(1),
        day: 20_778,
        deposited_today: amount(100),
        withdrawn_today: amount(10),
        last_order: OrderId::from_bits(1 << 100),
        open_orders: 0,
        losses: LossRecord::default(),
        guard: Guarded::default(),
    };
    let first = "01a48bb099090aac02070707070707070707070707070707070707070707070707070707070707070780a0d1c7cdb1b0060203d00f1402d4c402c80114808080808080808080808080808004";
    assert_eq!(
        decode::<Head>(&hex::decode(first).unwrap()).unwrap(),
        head,
        "the first schema stays readable"
    );
    let limits = Guard { order_max: Some(amount(50)), kill_switch: true, ..Guard::default() };
    let head = Head {
        open_orders: 4,
        losses: LossRecord { realised: amount(-7), day: 20_778, last_loss_us: Some(9) },
        guard: Guarded { current: limits, pending: None },
        ..head
    };
    stays(
        &head,
        "02a48bb099090aac02070707070707070707070707070707070707070707070707070707070707070780a0d1c7cdb1b0060203d00f1402d4c402c80114808080808080808080808080808004040dd4c4020112016400000100",
    );
}

#[test]
fn holding() {
    let holding = HoldingRecord {
        available: Quantity::from_units(1_500_000).unwrap(),
        reserved: Quantity::from_units(1).unwrap(),
        cost: amount(93_000_000_000),
        realised: amount(-5),
        created_us: 1_795_255_200_000_000,
        updated_us: 1_795_255_200_000_001,
        trades: DayTrades::default()
            .after(1_795_255_200_000_001, NetTrades { coins: -3, dollars: amount(7) })
            .unwrap(),
    };
    stays(&holding, "02c08db701028088dbf3b4050980a0d1c7cdb1b00682a0d1c7cdb1b0060001f4ef3c050e");
    let first = hex::decode("01c08db701028088dbf3b4050980a0d1c7cdb1b00682a0d1c7cdb1b006").unwrap();
    let trades = DayTrades::from(holding.updated_us);
    assert_eq!(decode::<HoldingRecord>(&first).unwrap(), HoldingRecord { trades, ..holding });
}

#[test]
fn answers_and_client_orders() {
    stays(
        &StoredAnswer { fingerprint: [1; 32], json: b"{}".to_vec() },
        "010101010101010101010101010101010101010101010101010101010101010101027b7d",
    );
    stays(
        &ClientOrder { fingerprint: [2; 32], order: OrderId::from_bits(5) },
        "01020202020202020202020202020202020202020202020202020202020202020205",
    );
}

#[test]
fn movement() {
    let order = MovementRecord {
        total: 300,
        time_us: 1_795_255_200_000_000,
        id: [7; 16],
        order: Some(OrderId::from_bits(77)),
        payment: amount(-100),
        fee: amount(1),
        coins: Some(("BTC".parse().unwrap(), 50)),
    };
    stays(&order, "01ac0280a0d1c7cdb1b00607070707070707070707070707070707014dc70102010342544364");
    stays(
        &MovementRecord { order: None, coins: None, ..order },
        "01ac0280a0d1c7cdb1b0060707070707070707070707070707070700c7010200",
    );
}

#[test]
fn event() {
    let asset_id = "BTC".parse().unwrap();
    let trader = LedgerAccount::Trader(Bucket::Available);
    let coin = Currency::Asset(asset_id);
    let event = Event {
        time_us: 1_795_255_200_000_000,
        kind: EventKind::OrderFilled { order: OrderId::from_bits(77) },
        postings: Postings::new(vec![
            Posting::new(trader, Currency::Usd, -101),
            Posting::new(LedgerAccount::VenueInventory, Currency::Usd, 100),
            Posting::new(LedgerAccount::VenueFees, Currency::Usd, 1),
            Posting::new(trader, coin, 50),
            Posting::new(LedgerAccount::VenueInventory, coin, -50),
        ])
        .unwrap(),
        available: amount(899),
        reserved: Amount::ZERO,
        holding: Some(HoldingAfter {
            asset_id,
            quantity: Quantity::from_units(50).unwrap(),
            available: Quantity::from_units(50).unwrap(),
            cost: amount(101),
        }),
    };
    let account_id: AccountId = "acc_00000000000000000000000001".parse().unwrap();
    let (body, hash) = encode_event(&event, &[0; 32], &account_id, 2).unwrap();
    assert_eq!(
        hex::encode(&body),
        "01340ccf80d1d1421792cad333229a1924c62665a2bf4694206d834cc1a749f2dc80a0d1c7cdb1b006024d05000000c9010200c801010002000001034254436402010342544363860e0001034254436464ca01"
    );
    let (read, stored, payload) = decode_event(&body).unwrap();
    assert_eq!((read, stored), (event, hash));
    assert_eq!(event_hash(&[0; 32], &account_id, 2, &payload), hash);
    assert_ne!(event_hash(&[0; 32], &account_id, 3, &payload), hash);
    assert_ne!(event_hash(&[1; 32], &account_id, 2, &payload), hash);
}
