//! The statistics of the tables. Pure; the tests compare them with other people's implementations.

/// The 97.5 % point of the normal distribution: 95 % lie within as many standard deviations on both sides.
const Z: f64 = 1.959_963_984_540_054;

/// `right` of `of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rate {
    pub right: u64,
    pub of: u64,
}

impl Rate {
    /// Between 0 and 1; `None` of nothing.
    pub fn share(self) -> Option<f64> {
        (self.of > 0).then(|| self.right as f64 / self.of as f64)
    }

    /// The 95 % interval after Wilson (1927), without correction for continuity: unlike the one around the mean it stays within 0
    /// and 1 and keeps its width where everything is right. `None` of nothing.
    pub fn interval(self) -> Option<(f64, f64)> {
        let p = self.share()?;
        let n = self.of as f64;
        let scale = 1.0 / (1.0 + Z * Z / n);
        let centre = p + Z * Z / (2.0 * n);
        let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        // At the ends the formula is exact only up to rounding.
        let low = if self.right == 0 { 0.0 } else { ((centre - half) * scale).max(0.0) };
        let high = if self.right == self.of { 1.0 } else { ((centre + half) * scale).min(1.0) };
        Some((low, high))
    }

    pub fn add(&mut self, right: bool) {
        self.of += 1;
        self.right += u64::from(right);
    }
}

/// McNemar's test (1947) in its exact form, two-sided: how likely at least so uneven a split of the subjects that only one of
/// two methods gets right is, if neither method is better. `first`, `second`: subjects that only the first, only the second
/// method got right. Takes time in the smaller of them.
pub fn mcnemar(first: u64, second: u64) -> f64 {
    let (n, k) = (first + second, first.min(second));
    // The lower tail of Binomial(n, 1/2), by logarithms: 2^-n alone is no f64 from n = 1075 on.
    let mut log_choose = 0.0;
    let log_all = n as f64 * std::f64::consts::LN_2;
    let mut tail = (-log_all).exp();
    for i in 1..=k {
        log_choose += ((n - i + 1) as f64).ln() - (i as f64).ln();
        tail += (log_choose - log_all).exp();
    }
    (2.0 * tail).min(1.0)
}

/// Mean and standard deviation of a sample (divided by n - 1), and its ends.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spread {
    pub n: u64,
    pub mean: f64,
    /// 0 of a single value.
    pub sd: f64,
    pub min: f64,
    pub max: f64,
    pub sum: f64,
}

impl Spread {
    /// `None` of nothing.
    pub fn of(values: impl IntoIterator<Item = u64>) -> Option<Spread> {
        let values: Vec<f64> = values.into_iter().map(|v| v as f64).collect();
        let n = values.len();
        if n == 0 {
            return None;
        }
        let sum: f64 = values.iter().sum();
        let mean = sum / n as f64;
        let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
        let sd = if n > 1 { (squares / (n - 1) as f64).sqrt() } else { 0.0 };
        let min = values.iter().copied().fold(f64::INFINITY, f64::min);
        let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Some(Spread { n: n as u64, mean, sd, min, max, sum })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `proportion_confint(k, n, 0.05, "wilson")` of statsmodels 0.15.0.
    #[test]
    fn wilson_s_interval_is_that_of_statsmodels() {
        for (right, of, low, high) in [
            (0, 10, 0.0, 0.2775327999),
            (10, 10, 0.7224672001, 1.0),
            (8, 10, 0.4901624715, 0.9433178485),
            (82, 85, 0.9012995216, 0.9879249581),
            (23, 31, 0.5675386419, 0.8629829409),
            (500, 1000, 0.4690696004, 0.5309303996),
            (1, 1, 0.2065493144, 1.0),
            (85, 85, 0.9567605162, 1.0),
        ] {
            let (l, h) = Rate { right, of }.interval().unwrap();
            assert!((l - low).abs() < 1e-9 && (h - high).abs() < 1e-9, "{right} of {of}: {l} to {h}");
        }
        assert_eq!((Rate::default().interval(), Rate::default().share()), (None, None));
    }

    /// `mcnemar([[0, b], [c, 0]], exact=True).pvalue` of statsmodels 0.15.0.
    #[test]
    fn mcnemar_s_test_is_that_of_statsmodels() {
        for (first, second, p) in [
            (0, 0, 1.0),
            (5, 0, 0.0625),
            (10, 2, 0.03857421875),
            (3, 3, 1.0),
            (1, 7, 0.0703125),
            (40, 21, 0.0204147138),
            (300, 250, 0.03657874555),
        ] {
            let ours = mcnemar(first, second);
            assert!((ours - p).abs() < 1e-9, "{first}, {second}: {ours}");
            assert_eq!(mcnemar(second, first), ours, "which is first doesn't matter");
        }
        let large = mcnemar(2000, 1800);
        assert!(large > 0.0 && large < 0.01, "no underflow: {large}");
    }

    /// `statistics.mean` and `statistics.stdev` of Python.
    #[test]
    fn a_spread_is_that_of_a_sample() {
        let spread = Spread::of([178, 229, 279, 506, 597]).unwrap();
        assert!((spread.mean - 357.8).abs() < 1e-9 && (spread.sd - 183.23946081562235).abs() < 1e-9, "{spread:?}");
        assert_eq!((spread.n, spread.min, spread.max, spread.sum), (5, 178.0, 597.0, 1789.0));
        assert_eq!(Spread::of([7]).unwrap().sd, 0.0);
        assert_eq!(Spread::of([]), None);
    }
}
