//! Medians, percentiles and the spread of a ratio.

/// The value below which `share` (0–1) of the values lie; `None` without values.
#[must_use]
pub fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index into some hundred values"
    )]
    let place = (share.clamp(0.0, 1.0) * last as f64).round() as usize;
    sorted.get(place).copied()
}

/// The middle value.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// How many times `values` are `base`, round by round: the middle ratio and
/// the middle half of all of them.
#[must_use]
pub fn ratio(values: &[f64], base: &[f64]) -> Option<[f64; 3]> {
    let ratios: Vec<f64> = values
        .iter()
        .zip(base)
        .map(|(value, base)| value / base)
        .collect();
    let at = |share| quantile(&ratios, share);
    Some([at(0.25)?, at(0.5)?, at(0.75)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_and_the_99th_percentile_of_a_hundred_values() {
        let values: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!(median(&values), Some(50.0));
        assert_eq!(quantile(&values, 0.99), Some(99.0));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn a_ratio_is_taken_within_each_round() {
        let base = [1.0, 2.0, 4.0];
        assert_eq!(ratio(&[10.0, 20.0, 40.0], &base), Some([10.0; 3]));
        assert_eq!(ratio(&[10.0, 40.0, 120.0], &base), Some([20.0, 20.0, 30.0]));
    }
}
