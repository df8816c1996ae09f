//! Numbers, exactly as sent.

use cnop_domain::{Amount, MoneyError, Price, Quantity, SCALE, TradingRules};

use crate::{FieldError, Figure};

/// A number of coins.
///
/// # Errors
/// The fault of `quantity`.
pub fn quantity_read(figure: &Figure, rules: Option<&TradingRules>) -> Result<Quantity, FieldError> {
    let text = figure.as_str();
    let fault = |rule: &str, detail: &str| FieldError::new("quantity", rule, detail).given(text);
    if is_negative(text) {
        return Err(fault("positive", "The quantity must be above 0."));
    }
    text.parse::<Quantity>().map_err(|error| match error {
        MoneyError::Malformed => fault("decimal", "The quantity must be a number such as 0.015."),
        MoneyError::OutOfRange => fault("max_quantity", "The quantity is too large."),
        MoneyError::TooPrecise => {
            let nearest =
                cut(text).and_then(|cut| cut.parse::<Quantity>().ok()).map_or_else(Vec::new, |below| {
                    let step = rules.map_or(Quantity::ZERO, |rules| rules.step_size);
                    let below = below.floor_to(step);
                    let above = below.checked_add(step).unwrap_or(below);
                    let mut nearest = vec![below, above];
                    nearest.retain(|quantity| !quantity.is_zero());
                    nearest.dedup();
                    nearest.iter().map(ToString::to_string).collect()
                });
            fault("step_size", "The quantity has more than 8 decimals.").nearest(nearest)
        }
    })
}

/// A number of dollars above 0.
///
/// # Errors
/// The fault of the member.
pub fn amount_read(member: &str, figure: &Figure) -> Result<Amount, FieldError> {
    let text = figure.as_str();
    let fault = |rule: &str, detail: &str| FieldError::new(member, rule, detail).given(text);
    let amount = text.parse::<Amount>().map_err(|error| match error {
        MoneyError::Malformed => fault("decimal", &format!("The {member} must be a number such as 100.50.")),
        MoneyError::OutOfRange => fault("max_notional", &format!("The {member} is too large.")),
        MoneyError::TooPrecise => fault("decimals", &format!("The {member} has more than 8 decimals."))
            .nearest(cut(text).map(str::to_owned).into_iter().collect()),
    })?;
    if amount <= Amount::ZERO {
        return Err(fault("positive", &format!("The {member} must be above 0.")));
    }
    Ok(amount)
}

fn is_negative(text: &str) -> bool {
    text.parse::<Amount>().is_ok_and(Amount::is_negative)
}

/// A decimal without the digits that are too many.
fn cut(text: &str) -> Option<&str> {
    text.get(..text.find('.')? + 1 + usize::try_from(SCALE).ok()?)
}

/// Dollars a coin. Whether it fits the tick size is for the domain to say; more digits than any price has are refused
/// here.
///
/// # Errors
/// The fault of the member.
pub fn price_read(member: &str, figure: &Figure, rules: Option<&TradingRules>) -> Result<Price, FieldError> {
    let text = figure.as_str();
    let fault = |rule: &str, detail: String| FieldError::new(member, rule, detail).given(text);
    if is_negative(text) {
        return Err(fault("positive", format!("The {member} must be above 0.")));
    }
    text.parse::<Price>().map_err(|error| match error {
        MoneyError::Malformed => fault("decimal", format!("The {member} must be a number such as 64000.5.")),
        MoneyError::OutOfRange => fault("price_band", format!("The {member} is too large.")),
        MoneyError::TooPrecise => {
            let nearest =
                cut(text).and_then(|cut| cut.parse::<Price>().ok()).map_or_else(Vec::new, |below| {
                    let tick = rules.map_or(Price::ZERO, |rules| rules.tick_size);
                    let below = below.floor_to(tick);
                    let above = Price::from_units(below.units() + tick.units()).unwrap_or(below);
                    let mut nearest = vec![below, above];
                    nearest.retain(|price| !price.is_zero());
                    nearest.dedup();
                    nearest.iter().map(ToString::to_string).collect()
                });
            fault("tick_size", format!("The {member} has more than 8 decimals.")).nearest(nearest)
        }
    })
}
