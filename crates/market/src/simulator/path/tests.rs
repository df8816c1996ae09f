//! Statistics of paths, and their pinned values.

use super::*;
use crate::random::MarketSecret;

fn path_of(secret: u8, shape: Shape, own: &str, weights: [f64; 3]) -> Path {
    let [market, category, mine] = weights;
    let factor = |name: &str, weight| Factor { stream: Stream::new("path", name), weight };
    let factors = [factor("market", market), factor("category", category), factor(own, mine)];
    Path::new(MarketSecret::from_bytes([secret; 32]).noise(), factors, shape, START)
}

fn path(secret: u8) -> Path {
    path_of(secret, Shape::Free, "own", [0.5, 0.2, 0.3])
}

const START: i64 = 3_700_000_000;

/// The bits are part of the contract: a secret replays the same prices on every machine and in every release.
#[test]
fn values_are_pinned() {
    let bits: Vec<u64> =
        [0, 1, 67_000_000, -67_000_000].iter().map(|quote| path(7).value(START + quote).to_bits()).collect();
    assert_eq!(bits, PINNED);
}

const PINNED: [u64; 4] =
    [0, 13_770_546_295_589_819_090, 4_591_049_540_916_543_393, 13_828_830_326_151_483_911];

#[test]
fn extremes_are_those_of_every_single_quote() {
    let path = path(3);
    let boundary = START - (3_i64 << LEVELS);
    for (from, to) in [
        (START, START),
        (START - 6, START - 5),
        (START + 77_777, START + 82_098),
        (boundary - 1_000, boundary + 1_000),
    ] {
        let values: Vec<f64> = (from..=to).map(|quote| path.value(quote)).collect();
        let extent = path.extent(from, to);
        assert_eq!(extent.open.to_bits(), values[0].to_bits());
        assert_eq!(extent.close.to_bits(), values[values.len() - 1].to_bits());
        assert_eq!(extent.high.1.to_bits(), values.iter().copied().fold(f64::MIN, f64::max).to_bits());
        assert_eq!(extent.low.1.to_bits(), values.iter().copied().fold(f64::MAX, f64::min).to_bits());
        assert_eq!(path.value(extent.high.0).to_bits(), extent.high.1.to_bits());
        assert_eq!(path.value(extent.low.0).to_bits(), extent.low.1.to_bits());
    }
}

#[test]
fn volatility_is_the_sum_of_the_weights_at_every_scale() {
    let yearly = (0.5_f64 * 0.5 + 0.2 * 0.2 + 0.3 * 0.3).sqrt();
    for shape in [Shape::Free, Shape::Pegged] {
        let path = path_of(11, shape, "own", [0.5, 0.2, 0.3]);
        for quotes in [1_i64, 128, 7_680, 184_320] {
            let moves: Vec<f64> = (0..4_000)
                .map(|number| START + number * quotes * 3)
                .map(|quote| path.value(quote + quotes) - path.value(quote))
                .collect();
            #[allow(clippy::cast_precision_loss)]
            let (count, years) = (moves.len() as f64, (quotes * QUOTE_US) as f64 / YEAR_US);
            let deviation = (moves.iter().map(|change| change * change).sum::<f64>() / count).sqrt();
            let ratio = deviation / (yearly * years.sqrt());
            assert!((0.9..1.1).contains(&ratio), "{shape:?}, {quotes} quotes: {ratio}");
        }
    }
}

#[test]
fn paths_with_a_common_factor_move_together() {
    let left = path_of(1, Shape::Free, "left", [0.8, 0.0, 0.6]);
    let right = path_of(1, Shape::Free, "right", [0.8, 0.0, 0.6]);
    let (mut both, mut squares) = (0.0, 0.0);
    for number in 0..4_000_i64 {
        let (from, to) = (START + number * 10_000, START + number * 10_000 + 5_000);
        let (a, b) = (left.value(to) - left.value(from), right.value(to) - right.value(from));
        both += a * b;
        squares += (a * a + b * b) / 2.0;
    }
    assert!((0.57..0.69).contains(&(both / squares)), "correlation {}", both / squares);
}

/// The first half of an interval would tell about the second. With even shocks, a calm half meant that the next
/// quarter's move was likely to go on, and the expected gain of an hour exceeded the fees.
#[test]
fn the_past_of_an_interval_tells_nothing_about_its_rest() {
    let quarter = 1_i64 << (LEVELS - 6 - 2);
    let (mut product, mut square) = (0.0, 0.0);
    for secret in 0..8 {
        let path = path(secret);
        for interval in 0..2_000_i64 {
            let from = START + interval * quarter * 4;
            let [start, half, now, end] = [0, 2, 3, 4].map(|part| path.value(from + part * quarter));
            let typical = 0.62 * ((quarter * QUOTE_US * 2) as f64 / YEAR_US).sqrt();
            if (half - start).abs() < typical * 0.3 {
                product += (now - half) * (end - now);
                square += (now - half) * (now - half);
            }
        }
    }
    let slope = product / square;
    assert!(slope.abs() < 0.12, "a move of {slope} of the one before is expected");
}

/// A path that returns to where it started makes every purchase below that a sure profit.
#[test]
fn a_free_path_returns_nowhere_and_its_exponential_keeps_its_expectation() {
    let year = 365_i64 * 184_320;
    let paths: Vec<Path> = (0..=255).map(path).collect();
    let mean_of =
        |quotes: i64| paths.iter().map(|path| path.value(START + quotes).exp()).sum::<f64>() / 256.0;
    assert!(paths.iter().all(|path| path.value(START) == 0.0));
    assert!((mean_of(year / 4) - 1.0).abs() < 0.08, "{}", mean_of(year / 4));
    assert!((mean_of(year) - 1.0).abs() < 0.2, "{}", mean_of(year));
}
