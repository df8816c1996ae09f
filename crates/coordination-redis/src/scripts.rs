//! The Lua scripts.

use redis::Script;

/// Scripts, each sent by its hash and loaded when the server does not know it.
#[derive(Debug)]
pub(crate) struct Scripts {
    pub(crate) take: Script,
    pub(crate) acquire: Script,
    pub(crate) renew: Script,
    pub(crate) release: Script,
    pub(crate) publish: Script,
    pub(crate) positions: Script,
}

impl Scripts {
    pub(crate) fn new() -> Self {
        Self {
            take: Script::new(include_str!("scripts/take.lua")),
            acquire: Script::new(include_str!("scripts/acquire.lua")),
            renew: Script::new(include_str!("scripts/renew.lua")),
            release: Script::new(include_str!("scripts/release.lua")),
            publish: Script::new(include_str!("scripts/publish.lua")),
            positions: Script::new(include_str!("scripts/positions.lua")),
        }
    }
}
