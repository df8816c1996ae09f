//! Guessing at passwords: from many networks, behind a shared address, and beside the owner's own browser.

use cnop_api::{Code, Problem};

use crate::auth::ClientDetails;
use crate::auth::record::SecurityEventKind;
use crate::tests::support::{Cluster, Server, client_at, code, login_request, wrong_request};

/// Guesses from this many new networks; how many were tried.
async fn guesses(server: &Server, name: &str, networks: std::ops::Range<u32>) -> usize {
    let mut tried = 0;
    for number in networks {
        let guesser = client_at(&format!("10.0.{}.{}", number / 250, number % 250 + 1));
        match code(server.auth.login(wrong_request(name), &guesser).await) {
            Code::AuthWrongPassword => tried += 1,
            other => assert_eq!(other, Code::AuthBlocked),
        }
    }
    tried
}

/// Two hundred networks tried eight hundred passwords on one account, and the owner was told nothing.
#[tokio::test]
async fn an_account_is_slowed_down_however_many_networks_guess() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let (_, caller) = server.caller("first_user").await;
    let mut tried = 0;
    for minute in 0..60 {
        tried += guesses(&server, "first_user", minute * 20..(minute + 1) * 20).await;
        cluster.clock.advance_seconds(60);
    }
    assert!(tried <= 20, "{tried} guesses in an hour");
    let events = server.auth.events(&caller, 100, None).await.unwrap();
    let failed = |kind: &str| events.data.iter().filter(|event| event.event.as_str() == kind).count();
    assert_eq!(failed("sign_in_failed"), tried, "the owner sees them");
    assert!(failed("blocked") > 0);
}

#[tokio::test]
async fn names_that_do_not_exist_are_slowed_down_like_names_that_do() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let mut answers = Vec::new();
    for name in ["first_user", "nobody_known"] {
        guesses(&server, name, 0..6).await;
        let refused = server.auth.login(wrong_request(name), &client_at("192.0.2.77")).await.unwrap_err();
        answers.push(Problem::from(refused));
    }
    assert_eq!(answers[0].code, Code::AuthBlocked);
    assert_eq!(answers[0], answers[1]);
}

/// A lock of the account would be a weapon: anybody could keep its owner out.
#[tokio::test]
async fn the_owner_signs_in_from_their_own_browser_while_strangers_guess() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let home = client_at("192.0.2.50");
    let browser = server.auth.login_browser(login_request("first_user"), &home).await.unwrap();
    let known = ClientDetails { device: browser.device.clone(), ..home.clone() };
    for round in 0..10 {
        guesses(&server, "first_user", round * 10..round * 10 + 10).await;
        cluster.clock.advance_seconds(1_000);
    }
    guesses(&server, "first_user", 200..210).await;
    assert_eq!(code(server.auth.login(login_request("first_user"), &home).await), Code::AuthBlocked);
    let again = server.auth.login_browser(login_request("first_user"), &known).await.unwrap();
    assert!(again.device.is_none(), "the device keeps its cookie");
    // Their sign-in gives the guessers no new tries.
    assert_eq!(guesses(&server, "first_user", 300..320).await, 0);
    cluster.clock.advance_seconds(900);
    server.auth.login(login_request("first_user"), &home).await.expect("anywhere else after a pause");
}

#[tokio::test]
async fn a_stolen_device_cookie_is_good_for_ten_guesses_at_its_own_user() {
    let cluster = Cluster::new();
    let server = cluster.server();
    for name in ["first_user", "other_user"] {
        server.register(name).await;
    }
    let thief = client_at("192.0.2.66");
    let browser = server.auth.login_browser(login_request("first_user"), &thief).await.unwrap();
    let known = ClientDetails { device: browser.device, ..thief };
    for _ in 0..10 {
        let refused = server.auth.login(wrong_request("first_user"), &known).await;
        assert_eq!(code(refused), Code::AuthWrongPassword);
    }
    let mut tried = 0;
    for _ in 0..10 {
        if code(server.auth.login(wrong_request("first_user"), &known).await) == Code::AuthWrongPassword {
            tried += 1;
        }
    }
    assert_eq!(tried, 5, "the device is forgotten, and the usual limit holds");
    for _ in 0..5 {
        let refused = server.auth.login(wrong_request("other_user"), &known).await;
        assert_eq!(code(refused), Code::AuthWrongPassword);
    }
    assert_eq!(code(server.auth.login(login_request("other_user"), &known).await), Code::AuthBlocked);
}

#[tokio::test]
async fn a_user_has_a_bounded_number_of_devices() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let mut devices = Vec::new();
    for _ in 0..20 {
        let browser = server.auth.login_browser(login_request("first_user"), &client_at("192.0.2.1")).await;
        devices.push(browser.unwrap().device);
        cluster.clock.advance_seconds(1);
    }
    let (_, caller) = server.caller("first_user").await;
    let query = cnop_store::TableQuery::prefix(format!("U#{}", caller.user_id), "D#", 100);
    assert_eq!(cluster.table.query(&query).await.unwrap().items.len(), 16);
    guesses(&server, "first_user", 0..10).await;
    let with = |number: usize| ClientDetails { device: devices[number].clone(), ..client_at("192.0.2.9") };
    assert_eq!(code(server.auth.login(login_request("first_user"), &with(0)).await), Code::AuthBlocked);
    server.auth.login(login_request("first_user"), &with(19)).await.expect("the newest is known");
}

/// Five mistakes of one person shut out a household, right passwords included.
#[tokio::test]
async fn people_behind_one_address_do_not_shut_each_other_out() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let shared = client_at("192.0.2.1");
    for number in 0..29 {
        let refused = server.auth.login(wrong_request(&format!("nobody_{number}")), &shared).await;
        assert_eq!(code(refused), Code::AuthWrongPassword);
    }
    server.auth.login(login_request("first_user"), &shared).await.expect("a right password of another name");
    let refused = server.auth.login(wrong_request("nobody_29"), &shared).await;
    assert_eq!(code(refused), Code::AuthWrongPassword);
    let refused = server.auth.login(login_request("first_user"), &shared).await;
    assert_eq!(code(refused), Code::AuthBlocked, "thirty failures in five minutes are no mistakes");
    cluster.clock.advance_seconds(300);
    server.auth.login(login_request("first_user"), &shared).await.unwrap();
    let trail = cluster.trail_kinds("L#192.0.2.1").await;
    assert_eq!(trail.iter().filter(|kind| **kind == SecurityEventKind::Blocked).count(), 1);
}

/// One line of a provider has at least a /64, and one customer has up to 65,536 of them.
#[tokio::test]
async fn neighboring_ipv6_networks_are_counted_together() {
    for (name, address, limit) in [
        ("a /64", |number: u32| format!("2001:db8:1:1::{number:x}"), 30),
        ("a /56", |number: u32| format!("2001:db8:1:{:x}::1", number % 256), 60),
        ("a /48", |number: u32| format!("2001:db8:1:{:x}::1", number * 256 % 65_536), 120),
    ] as [(&str, fn(u32) -> String, u32); 3]
    {
        let cluster = Cluster::new();
        let server = cluster.server();
        let mut tried = 0;
        for number in 0..limit + 20 {
            let refused = server
                .auth
                .login(wrong_request(&format!("nobody_{number}")), &client_at(&address(number)))
                .await;
            tried += u32::from(code(refused) == Code::AuthWrongPassword);
        }
        assert_eq!(tried, limit, "{name}");
        let elsewhere = client_at("2001:db8:2::1");
        let refused = server.auth.login(wrong_request("nobody_else"), &elsewhere).await;
        assert_eq!(code(refused), Code::AuthWrongPassword, "another site");
    }
}

#[tokio::test]
async fn events_are_paged_and_the_newest_comes_first() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    for _ in 0..5 {
        cluster.clock.advance_seconds(1);
        server.caller("first_user").await;
    }
    let (_, caller) = server.caller("first_user").await;
    let (mut cursor, mut seen) = (None, Vec::new());
    loop {
        let page = server.auth.events(&caller, 3, cursor.as_deref()).await.unwrap();
        assert_eq!(page.has_more, page.next_cursor.is_some());
        seen.extend(page.data);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 7);
    assert!(seen.is_sorted_by(|newer, older| newer.time >= older.time));
    assert_eq!(seen[6].event.as_str(), "registered");
    assert_eq!((seen[0].address.as_str(), seen[0].user_agent.as_deref()), ("192.0.2.1", Some("test")));
    assert_eq!(seen.iter().filter(|event| event.is_current_session).count(), 1);
    for bad in ["x", "1-2"] {
        assert_eq!(code(server.auth.events(&caller, 3, Some(bad)).await), Code::RequestInvalid);
    }
    assert_eq!(code(server.auth.events(&caller, 101, None).await), Code::RequestInvalid);
}
