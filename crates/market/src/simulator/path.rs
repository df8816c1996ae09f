//! The random path behind a price: a Brownian motion as a pure function of time.
//!
//! Lévy's construction: values at the nodes of a coarse lattice; then the middle of each interval is the mean of
//! its ends plus a shock. The size of the shock falls with the square root of the interval, and so on down to
//! one quote. A shock is a number of a secret stream at its position, so any moment is computed in [`LEVELS`]
//! steps. Because shocks are bounded, the highest point of a year is found by checking a few thousand positions.
//!
//! A [`Shape::Free`] path starts at zero and sums independent steps from node to node, so it returns nowhere. The
//! nodes of a [`Shape::Pegged`] path are independent values with half the variance that the motion would gather
//! in between, so it is stationary.
//!
//! Shocks of long intervals are bell-shaped: with bounded even ones, the first half of an interval would tell
//! something about the second.

use std::f64::consts::FRAC_1_SQRT_2;

use crate::random::{EVEN_MAX, Noise, Stream, bell, even};

/// Halvings between two nodes of the lattice and two quotes: 2²³ quotes are 45½ days.
const LEVELS: u32 = 23;
/// µs between two quotes of one asset: 128 to the minute, so that every candle starts at a quote.
pub(super) const QUOTE_US: i64 = 468_750;
/// µs in a year of 365¼ days.
const YEAR_US: f64 = 31_557_600_000_000.0;
/// First node: more than the year of history before the start.
const NODE_FIRST: i64 = -10;
/// Last node: 25 years after the start. The path ends there.
const NODE_LAST: i64 = 200;
/// First level of even shocks: intervals of half an hour and less, which move by less than a trade costs.
const EVEN_LEVEL: u32 = 11;
/// First level on which an asset moves on its own: intervals of a minute and less.
const OWN_LEVEL: u32 = 16;
/// Largest bell-shaped shock in standard deviations. One in 200 is cut off, which keeps the search for extremes short.
const BELL_SHOCK_MAX: f64 = 2.8;
/// Largest sum of even shocks in standard deviations.
const EVEN_SHOCK_MAX: f64 = 2.5;
/// Upper bound of a shock of size one with all finer ones, between two ends: the maximum of the
/// Takagi–Landsberg function with ratio 1/√2, which is 2 × (2 + √2) ÷ 3 (A. Schied, 2016); rounded up.
const FINER_SUM: f64 = 2.2762;
/// Level number of the lattice's own nodes.
const NODE_LEVEL: u32 = 63;

/// One source of shocks and how strongly it moves the path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Factor {
    /// Its noise. Paths that share a stream move together.
    pub(super) stream: Stream,
    /// Standard deviation that it adds in a year.
    pub(super) weight: f64,
}

/// Long-term behavior of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// It starts at zero and returns nowhere. From the start on it drifts down by half its variance, so that the
    /// exponential of the path has the same expectation at all times.
    Free,
    /// It stays around zero.
    Pegged,
}

/// The path of one asset: the sum of the factors of the market, its category and itself.
#[derive(Debug, Clone)]
pub(super) struct Path {
    noise: Noise,
    /// Streams of the factors; the asset's own comes last.
    streams: [Stream; 3],
    /// Weights of the factors.
    weights: [f64; 3],
    /// Standard deviation of a year.
    deviation: f64,
    /// Number of the quote at which a free path is zero.
    start: i64,
    /// Values at the nodes from [`NODE_FIRST`] on.
    nodes: Vec<f64>,
    /// Size of the first halving's shock.
    first_scale: f64,
}

/// Quotes of a range: `(number, value)` each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Extent {
    pub(super) open: f64,
    pub(super) high: (i64, f64),
    pub(super) low: (i64, f64),
    pub(super) close: f64,
}

/// An interval of the path between two known values. Positions count quotes from the start.
#[derive(Debug, Clone, Copy)]
struct Cell {
    level: u32,
    index: i64,
    left: f64,
    right: f64,
    scale: f64,
}

impl Path {
    pub(super) fn new(noise: Noise, factors: [Factor; 3], shape: Shape, start: i64) -> Self {
        #[allow(clippy::cast_precision_loss, reason = "a power of two times a small number")]
        let lattice_years = (QUOTE_US << LEVELS) as f64 / YEAR_US;
        let weights = factors.map(|factor| factor.weight);
        let variance: f64 = weights.iter().map(|weight| weight * weight).sum();
        let mut path = Self {
            noise,
            streams: factors.map(|factor| factor.stream),
            weights,
            deviation: variance.sqrt(),
            start,
            nodes: Vec::new(),
            first_scale: lattice_years.sqrt() / 2.0,
        };
        path.nodes = match shape {
            Shape::Free => path.nodes_free(lattice_years, variance),
            Shape::Pegged => {
                let scale = (lattice_years / 2.0).sqrt();
                (NODE_FIRST..=NODE_LAST).map(|node| path.node_shock(node) * scale).collect()
            }
        };
        path
    }

    /// Sums of steps in both directions from the start.
    fn nodes_free(&self, lattice_years: f64, variance: f64) -> Vec<f64> {
        let (scale, drift) = (lattice_years.sqrt(), lattice_years * variance / 2.0);
        let sums = |sum: &mut f64, step: f64| {
            *sum += step;
            Some(*sum)
        };
        let before = (NODE_FIRST..0).rev().map(|node| self.node_shock(node) * scale).scan(0.0, sums);
        let after = (1..=NODE_LAST).map(|node| self.node_shock(node) * scale - drift).scan(0.0, sums);
        let mut nodes: Vec<f64> = before.collect();
        nodes.reverse();
        nodes.push(0.0);
        nodes.extend(after);
        nodes
    }

    /// The value at one quote.
    pub(super) fn value(&self, quote: i64) -> f64 {
        let position = quote - self.start;
        self.descend(self.root(position >> LEVELS), position)
    }

    /// First, last, highest and lowest value of the quotes `from..=to`.
    pub(super) fn extent(&self, from: i64, to: i64) -> Extent {
        let (first, last) = (from - self.start, to - self.start);
        let roots = (first >> LEVELS)..=(last >> LEVELS);
        let cell = self.cell_around(first, last);
        let (open, close) = match cell {
            Some(cell) => (self.descend(cell, first), self.descend(cell, last)),
            None => (self.value(from), self.value(to)),
        };
        let extreme = |sign: f64| {
            let mut search = Search { path: self, from: first, to: last, sign, best: (first, open) };
            search.consider(last, close);
            match cell {
                Some(cell) => search.visit_all(&cell),
                None => roots.clone().for_each(|index| search.visit_all(&self.root(index))),
            }
            let (position, value) = search.best;
            (position + self.start, value)
        };
        Extent { open, high: extreme(1.0), low: extreme(-1.0), close }
    }

    /// The smallest cell that contains two positions; none when they are in different intervals of the lattice.
    fn cell_around(&self, first: i64, last: i64) -> Option<Cell> {
        if first >> LEVELS != last >> LEVELS {
            return None;
        }
        let mut cell = self.root(first >> LEVELS);
        while cell.level < LEVELS && cell.half_of(first) == cell.half_of(last) {
            cell = cell.half(self.middle(&cell), first);
        }
        Some(cell)
    }

    /// The value at a position of a cell.
    fn descend(&self, mut cell: Cell, position: i64) -> f64 {
        while cell.level < LEVELS && cell.start() != position {
            cell = cell.half(self.middle(&cell), position);
        }
        cell.left
    }

    /// The weighted sum of all factors' shocks at a place, cut off at a number of standard deviations.
    fn shock(&self, level: u32, index: i64, shape: fn(u64) -> f64, deviations_max: f64) -> f64 {
        let [market, category, own] = self.noise.at_each(self.streams, level, index);
        let [by_market, by_category, by_own] = self.weights;
        let most = self.deviation * deviations_max;
        (by_market * shape(market) + by_category * shape(category) + by_own * shape(own)).clamp(-most, most)
    }

    fn node_shock(&self, node: i64) -> f64 {
        self.shock(NODE_LEVEL, node, bell, BELL_SHOCK_MAX)
    }

    fn root(&self, index: i64) -> Cell {
        let node = |index: i64| {
            let place = usize::try_from(index.clamp(NODE_FIRST, NODE_LAST) - NODE_FIRST).unwrap_or(0);
            self.nodes.get(place).copied().unwrap_or_default()
        };
        Cell { level: 0, index, left: node(index), right: node(index + 1), scale: self.first_scale }
    }

    fn middle(&self, cell: &Cell) -> f64 {
        let Cell { level, index, .. } = *cell;
        let shock = if level >= OWN_LEVEL {
            let [_, _, own] = self.streams;
            let [number] = self.noise.at_each([own], level, index);
            self.deviation * even(number)
        } else if level >= EVEN_LEVEL {
            self.shock(level, index, even, EVEN_SHOCK_MAX)
        } else {
            self.shock(level, index, bell, BELL_SHOCK_MAX)
        };
        (cell.left + cell.right) * 0.5 + cell.scale * shock
    }

    /// Largest distance of the values inside a cell from the line between its ends.
    fn reach(&self, cell: &Cell) -> f64 {
        let deviations_max = if cell.level >= OWN_LEVEL {
            EVEN_MAX
        } else if cell.level >= EVEN_LEVEL {
            EVEN_SHOCK_MAX
        } else {
            BELL_SHOCK_MAX
        };
        cell.scale * self.deviation * deviations_max * FINER_SUM
    }
}

impl Cell {
    /// The position of its left end.
    const fn start(&self) -> i64 {
        self.index << (LEVELS - self.level)
    }

    /// Number of the half that contains a position of this cell.
    const fn half_of(&self, position: i64) -> i64 {
        position >> (LEVELS - self.level - 1)
    }

    /// The half that contains a position of this cell.
    fn half(&self, middle: f64, position: i64) -> Self {
        if self.half_of(position) & 1 == 0 { self.first_half(middle) } else { self.second_half(middle) }
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
    fn consider(&mut self, position: i64, value: f64) {
        if (self.from..=self.to).contains(&position) && value * self.sign > self.best.1 * self.sign {
            self.best = (position, value);
        }
    }

    /// Visits the quote at the left end of a cell, and all others in it.
    fn visit_all(&mut self, cell: &Cell) {
        self.consider(cell.start(), cell.left);
        self.visit(cell);
    }

    /// Visits all quotes strictly inside a cell.
    fn visit(&mut self, cell: &Cell) {
        let width = 1 << (LEVELS - cell.level);
        let is_outside = cell.start() >= self.to || cell.start() + width <= self.from;
        let end = (cell.left * self.sign).max(cell.right * self.sign);
        if width == 1 || is_outside || end + self.path.reach(cell) <= self.best.1 * self.sign {
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
mod tests;
