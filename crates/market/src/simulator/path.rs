//! The random path behind a price: a mean-reverting Brownian motion as a pure function of time.
//!
//! Lévy's construction: independent values at the nodes of a coarse lattice; then the middle of each interval
//! is the mean of its ends plus a shock. The size of the shock falls with the square root of the interval,
//! and so on down to one quote. Nodes with half the variance that the motion would gather over one lattice
//! interval make the variance the same everywhere. So the path is a Brownian motion from second to second and
//! stationary over months. A shock is a hash of its position, so any moment is computed in [`LEVELS`] steps.
//! Because shocks are bounded, the highest point of a year is found by checking a few thousand positions.

use std::f64::consts::FRAC_1_SQRT_2;

use crate::random;

/// Halvings between two nodes of the lattice and two quotes: 2²³ quotes are 45½ days.
const LEVELS: u32 = 23;
/// µs between two quotes of one asset: 128 to the minute, so that every candle starts at a quote.
pub(super) const QUOTE_US: i64 = 468_750;
/// µs in a year of 365¼ days.
const YEAR_US: f64 = 31_557_600_000_000.0;
/// Square root of three: a number that is even over ±√3 has variance one.
const SHOCK_MAX: f64 = 1.732_050_807_568_877_2;
/// Upper bound of a shock of size one with all finer ones, between two ends: the maximum of the
/// Takagi–Landsberg function with ratio 1/√2, which is 2 × (2 + √2) ÷ 3 (A. Schied, 2016); rounded up.
const FINER_SUM: f64 = 2.2762;
/// Level number of the lattice's own nodes.
const NODE_LEVEL: u32 = 63;

/// One source of shocks and how strongly it moves the path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Factor {
    /// Key of its noise. Paths that share a key move together.
    pub(super) key: u64,
    /// Standard deviation that it adds in a year.
    pub(super) weight: f64,
}

/// The path of one asset: the sum of the factors of the market, its category and itself.
#[derive(Debug, Clone)]
pub(super) struct Path {
    factors: [Factor; 3],
    /// Size of a node's value.
    node_scale: f64,
    /// Size of the first halving's shock.
    first_scale: f64,
    /// Largest sum of weighted shocks of one place and all finer ones, per size of shock.
    reach: f64,
}

/// An interval of the path between two known values.
#[derive(Debug, Clone, Copy)]
struct Cell {
    level: u32,
    index: i64,
    left: f64,
    right: f64,
    scale: f64,
}

impl Path {
    pub(super) fn new(factors: [Factor; 3]) -> Self {
        #[allow(clippy::cast_precision_loss, reason = "a power of two times a small number")]
        let lattice_years = (QUOTE_US << LEVELS) as f64 / YEAR_US;
        let weights: f64 = factors.iter().map(|factor| factor.weight.abs()).sum();
        Self {
            factors,
            node_scale: (lattice_years / 2.0).sqrt(),
            first_scale: lattice_years.sqrt() / 2.0,
            reach: weights * SHOCK_MAX * FINER_SUM,
        }
    }

    /// The value at one quote.
    pub(super) fn value(&self, quote: i64) -> f64 {
        let mut cell = self.root(quote >> LEVELS);
        while cell.level < LEVELS && cell.start() != quote {
            let middle = self.middle(&cell);
            let below = LEVELS - cell.level - 1;
            cell = if (quote >> below) & 1 == 0 { cell.first_half(middle) } else { cell.second_half(middle) };
        }
        cell.left
    }

    /// The quote with the highest value among `from..=to`, and that value.
    pub(super) fn highest(&self, from: i64, to: i64) -> (i64, f64) {
        self.extreme(from, to, 1.0)
    }

    /// The quote with the lowest value among `from..=to`, and that value.
    pub(super) fn lowest(&self, from: i64, to: i64) -> (i64, f64) {
        self.extreme(from, to, -1.0)
    }

    fn extreme(&self, from: i64, to: i64, sign: f64) -> (i64, f64) {
        let mut search = Search { path: self, from, to, sign, best: (from, self.value(from)) };
        search.consider(to, self.value(to));
        for index in (from >> LEVELS)..=(to >> LEVELS) {
            let cell = self.root(index);
            search.consider(cell.start(), cell.left);
            search.visit(&cell);
        }
        search.best
    }

    /// The weighted sum of all factors' shocks at one place.
    fn shock(&self, level: u32, index: i64) -> f64 {
        let place = u64::from(level) << 56;
        let shocks = self.factors.iter().map(|factor| {
            let number = random::at(factor.key.wrapping_add(place), index.cast_unsigned());
            factor.weight * (random::unit(number) * 2.0 - 1.0)
        });
        shocks.sum::<f64>() * SHOCK_MAX
    }

    fn root(&self, index: i64) -> Cell {
        let node = |index| self.shock(NODE_LEVEL, index) * self.node_scale;
        Cell { level: 0, index, left: node(index), right: node(index + 1), scale: self.first_scale }
    }

    fn middle(&self, cell: &Cell) -> f64 {
        (cell.left + cell.right) * 0.5 + cell.scale * self.shock(cell.level, cell.index)
    }
}

impl Cell {
    /// The quote at its left end.
    const fn start(&self) -> i64 {
        self.index << (LEVELS - self.level)
    }

    fn first_half(&self, middle: f64) -> Self {
        Self { index: self.index * 2, right: middle, ..self.finer() }
    }

    fn second_half(&self, middle: f64) -> Self {
        Self { index: self.index * 2 + 1, left: middle, ..self.finer() }
    }

    fn finer(&self) -> Self {
        Self { level: self.level + 1, scale: self.scale * FRAC_1_SQRT_2, ..*self }
    }
}

/// Branch and bound over the halvings of the path.
struct Search<'a> {
    path: &'a Path,
    from: i64,
    to: i64,
    /// 1 looks for the highest, -1 for the lowest.
    sign: f64,
    best: (i64, f64),
}

impl Search<'_> {
    fn consider(&mut self, quote: i64, value: f64) {
        if (self.from..=self.to).contains(&quote) && value * self.sign > self.best.1 * self.sign {
            self.best = (quote, value);
        }
    }

    /// Visits all quotes strictly inside a cell.
    fn visit(&mut self, cell: &Cell) {
        let width = 1 << (LEVELS - cell.level);
        let outside = cell.start() >= self.to || cell.start() + width <= self.from;
        let end = (cell.left * self.sign).max(cell.right * self.sign);
        if width == 1 || outside || end + cell.scale * self.path.reach <= self.best.1 * self.sign {
            return;
        }
        let middle = self.path.middle(cell);
        self.consider(cell.start() + width / 2, middle);
        let (first, second) = (cell.first_half(middle), cell.second_half(middle));
        // The better half first: it raises the bar for the other one.
        if cell.left * self.sign > cell.right * self.sign {
            self.visit(&first);
            self.visit(&second);
        } else {
            self.visit(&second);
            self.visit(&first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(seed: u64) -> Path {
        let factor = |name, weight| Factor { key: random::key(seed, name), weight };
        Path::new([factor("market", 0.5), factor("category", 0.2), factor("own", 0.3)])
    }

    /// The bits are part of the contract: a seed replays the same prices on every machine and in every release.
    #[test]
    fn values_are_pinned() {
        let bits: Vec<u64> =
            [0, 1, 3_700_000_000, -5].iter().map(|quote| path(7).value(*quote).to_bits()).collect();
        assert_eq!(bits, PINNED);
    }

    const PINNED: [u64; 4] = [
        13_812_798_172_385_117_405,
        13_812_802_396_502_084_927,
        4_598_710_802_348_475_056,
        13_812_805_198_762_511_970,
    ];

    #[test]
    fn extremes_are_those_of_every_single_quote() {
        let path = path(3);
        let boundary = 441_i64 << LEVELS;
        for (from, to) in
            [(0, 0), (5, 6), (3_700_000_000, 3_700_004_321), (boundary - 1_000, boundary + 1_000)]
        {
            let values: Vec<f64> = (from..=to).map(|quote| path.value(quote)).collect();
            let (high_at, high) = path.highest(from, to);
            let (low_at, low) = path.lowest(from, to);
            assert_eq!(high.to_bits(), values.iter().copied().fold(f64::MIN, f64::max).to_bits());
            assert_eq!(low.to_bits(), values.iter().copied().fold(f64::MAX, f64::min).to_bits());
            assert_eq!(path.value(high_at).to_bits(), high.to_bits());
            assert_eq!(path.value(low_at).to_bits(), low.to_bits());
        }
    }

    #[test]
    fn volatility_is_the_sum_of_the_weights_at_every_scale() {
        let path = path(11);
        let yearly = (0.5_f64 * 0.5 + 0.2 * 0.2 + 0.3 * 0.3).sqrt();
        for quotes in [1_i64, 128, 7_680, 184_320] {
            let moves: Vec<f64> = (0..4_000)
                .map(|number| 3_000_000_000 + number * quotes * 3)
                .map(|quote| path.value(quote + quotes) - path.value(quote))
                .collect();
            #[allow(clippy::cast_precision_loss)]
            let (count, years) = (moves.len() as f64, (quotes * QUOTE_US) as f64 / YEAR_US);
            let deviation = (moves.iter().map(|change| change * change).sum::<f64>() / count).sqrt();
            let ratio = deviation / (yearly * years.sqrt());
            assert!((0.9..1.1).contains(&ratio), "{quotes} quotes: {ratio}");
        }
    }

    #[test]
    fn paths_with_a_common_factor_move_together() {
        let with_own = |name| {
            Path::new([
                Factor { key: random::key(1, "market"), weight: 0.8 },
                Factor { key: random::key(1, "category"), weight: 0.0 },
                Factor { key: random::key(1, name), weight: 0.6 },
            ])
        };
        let (left, right) = (with_own("left"), with_own("right"));
        let (mut both, mut squares) = (0.0, 0.0);
        for number in 0..4_000_i64 {
            let (from, to) = (number * 1_000, number * 1_000 + 500);
            let (a, b) = (left.value(to) - left.value(from), right.value(to) - right.value(from));
            both += a * b;
            squares += (a * a + b * b) / 2.0;
        }
        assert!((0.59..0.69).contains(&(both / squares)), "correlation {}", both / squares);
    }
}
