//! The difference between two snapshots, and a snapshot with it.

use super::message::StateChange;
use crate::{AssetState, CatalogueAsset, Snapshot};

/// The changes that lead from one snapshot to the next. Prices are never removed.
pub(super) fn difference(before: &Snapshot, next: &Snapshot) -> Vec<StateChange> {
    let states = before.states.iter().zip(&next.states);
    before
        .catalogue
        .iter()
        .zip(states)
        .filter_map(|(asset, (before, next))| change(asset, before.as_ref(), next.as_ref()?))
        .collect()
}

fn change(asset: &CatalogueAsset, before: Option<&AssetState>, next: &AssetState) -> Option<StateChange> {
    if let Some(before) = before {
        if before == next {
            return None;
        }
        if before.quote != next.quote {
            let mut carried = before.clone();
            carried.requote(next.quote, asset.circulating_supply);
            if carried == *next {
                return Some(StateChange::Quote(asset.asset_id, next.quote));
            }
        }
    }
    Some(StateChange::State(Box::new(next.clone())))
}

/// All figures of a snapshot.
pub(super) fn whole(snapshot: &Snapshot) -> Vec<StateChange> {
    snapshot.iter().map(|state| StateChange::State(Box::new(state.clone()))).collect()
}

/// Applies changes. One that would take an asset back in time, or names none of the catalog, has no effect. Returns true
/// if an asset was kept because it is newer: then the snapshot is not the leader's.
pub(super) fn apply(snapshot: &mut Snapshot, changes: Vec<StateChange>) -> bool {
    let mut has_kept = false;
    let catalogue = snapshot.catalogue.clone();
    for change in changes {
        let asset_id = match &change {
            StateChange::Quote(asset_id, _) => *asset_id,
            StateChange::State(state) => state.asset_id,
        };
        let Some(asset) = catalogue.get(asset_id) else { continue };
        let Some(slot) = catalogue.position(asset_id).and_then(|place| snapshot.states.get_mut(place)) else {
            continue;
        };
        match (change, slot) {
            (StateChange::Quote(_, quote), Some(known)) if !is_older(&quote, &known.quote) => {
                known.requote(quote, asset.circulating_supply);
            }
            (StateChange::State(state), Some(known)) if !is_older(&state.quote, &known.quote) => {
                *known = *state;
            }
            (StateChange::State(state), slot @ None) => *slot = Some(*state),
            (StateChange::Quote(..) | StateChange::State(_), _) => has_kept = true,
        }
    }
    has_kept
}

/// Keeps what is newer in the snapshot before: no quote goes back, whichever server publishes the next one.
pub(super) fn newest_keep(before: &Snapshot, next: &mut Snapshot) {
    next.time_us = next.time_us.max(before.time_us);
    for (before, next) in before.states.iter().zip(&mut next.states) {
        if let Some(known) = before
            && next.as_ref().is_none_or(|next| is_older(&next.quote, &known.quote))
        {
            next.clone_from(before);
        }
    }
}

const fn is_older(quote: &cnop_domain::Quote, known: &cnop_domain::Quote) -> bool {
    quote.seq < known.seq || quote.time_us < known.time_us
}
