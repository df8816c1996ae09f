//! Members: the servers that were heard of lately, and the shards that each says it owns.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::shard::{BookShard, ServerId};

/// Time without a heartbeat after which a server is no member any more, in µs.
pub(crate) const MEMBER_SILENCE_US: i64 = 2_000_000;
/// Maximum number of members besides this one; further ones are not counted.
const MEMBERS_MAX: usize = 256;

/// The heartbeat of a member, twice a second on the topic of members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Heartbeat {
    pub(crate) server_id: ServerId,
    pub(crate) phase: MemberPhase,
    /// Set of the shards that it holds the lease of.
    pub(crate) holds: u64,
}

/// Phase of a member's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum MemberPhase {
    /// Takes shards.
    Working,
    /// About to end: gives its shards away.
    Draining,
    /// Has given its shards away.
    Ended,
}

#[derive(Debug, Clone, Copy)]
struct ClusterMember {
    heard_us: i64,
    phase: MemberPhase,
    holds: u64,
}

/// The other members.
#[derive(Debug, Default)]
pub(crate) struct ClusterMembers {
    others: BTreeMap<ServerId, ClusterMember>,
}

impl ClusterMembers {
    /// Takes a heartbeat of another server. Returns true if the server was no member before.
    pub(crate) fn hear(&mut self, heartbeat: Heartbeat, now_us: i64) -> bool {
        let Heartbeat { server_id, phase, holds } = heartbeat;
        if phase == MemberPhase::Ended {
            self.others.remove(&server_id);
            return false;
        }
        if !self.others.contains_key(&server_id) && self.others.len() >= MEMBERS_MAX {
            return false;
        }
        self.others.insert(server_id, ClusterMember { heard_us: now_us, phase, holds }).is_none()
    }

    /// Removes the members that are silent, and returns true if there was one. It may have died between a commit and
    /// the message about it.
    pub(crate) fn prune(&mut self, now_us: i64) -> bool {
        let before = self.others.len();
        self.others.retain(|_, member| now_us.saturating_sub(member.heard_us) < MEMBER_SILENCE_US);
        self.others.len() < before
    }

    /// Number of the others.
    pub(crate) fn len(&self) -> usize {
        self.others.len()
    }

    /// The others that take shards.
    pub(crate) fn working(&self) -> impl Iterator<Item = ServerId> {
        let working = self.others.iter().filter(|(_, member)| member.phase == MemberPhase::Working);
        working.map(|(server_id, _)| *server_id)
    }

    /// The member that says it holds the shard.
    pub(crate) fn holder(&self, shard: BookShard) -> Option<ServerId> {
        let mut holders = self.others.iter().filter(|(_, member)| member.holds & shard.bit() != 0);
        holders.next().map(|(server_id, _)| *server_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heartbeat(number: u64, phase: MemberPhase, holds: u64) -> Heartbeat {
        Heartbeat { server_id: ServerId::from_bits(number).unwrap(), phase, holds }
    }

    #[test]
    fn a_silent_member_is_gone_and_one_that_ended_is_not_missed() {
        let mut members = ClusterMembers::default();
        assert!(members.hear(heartbeat(1, MemberPhase::Working, 1), 0));
        assert!(!members.hear(heartbeat(1, MemberPhase::Working, 1), 500_000));
        members.hear(heartbeat(2, MemberPhase::Draining, 2), 500_000);
        assert_eq!(members.working().count(), 1, "one that drains takes nothing");
        let [first, second] = [BookShard::all().next().unwrap(), BookShard::all().nth(1).unwrap()];
        assert_eq!(members.holder(second), ServerId::from_bits(2));
        members.hear(heartbeat(2, MemberPhase::Draining, 0), 500_000);
        assert_eq!(members.holder(second), None);
        assert!(!members.hear(heartbeat(2, MemberPhase::Ended, 0), 900_000));
        assert!(!members.prune(2_400_000), "it said that it ended");
        assert_eq!(members.holder(first), ServerId::from_bits(1));
        assert!(members.prune(2_500_000));
        assert_eq!((members.len(), members.holder(first)), (0, None));
    }

    #[test]
    fn members_are_bounded() {
        let mut members = ClusterMembers::default();
        for number in 1..2_000 {
            members.hear(heartbeat(number, MemberPhase::Working, 0), 0);
        }
        assert_eq!(members.len(), MEMBERS_MAX);
    }
}
