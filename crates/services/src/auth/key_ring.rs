//! The signing keys of a venue. The first one signs, all of them verify: so a key can be replaced while tokens of the one
//! before are alive.

use std::path::PathBuf;

use super::key::{Jwks, KeyError, SigningKey};

/// One or more keys.
#[derive(Debug, Clone)]
pub struct SigningKeys {
    signer: SigningKey,
    others: Vec<SigningKey>,
}

impl SigningKeys {
    /// A key that signs, and others that verify only.
    #[must_use]
    pub const fn new(signer: SigningKey, others: Vec<SigningKey>) -> Self {
        Self { signer, others }
    }

    /// The keys in these files, in their order; `None` without a file.
    ///
    /// # Errors
    /// As [`SigningKey::load`], for the first file that cannot be used.
    pub fn load(files: &[PathBuf]) -> Result<Option<Self>, KeyError> {
        let Some((first, others)) = files.split_first() else { return Ok(None) };
        let signer = SigningKey::load(first)?;
        let others = others.iter().map(|file| SigningKey::load(file)).collect::<Result<Vec<_>, _>>()?;
        Ok(Some(Self { signer, others }))
    }

    /// The key that signs.
    #[must_use]
    pub const fn signer(&self) -> &SigningKey {
        &self.signer
    }

    /// All keys, the one that signs first.
    pub fn iter(&self) -> impl Iterator<Item = &SigningKey> {
        std::iter::once(&self.signer).chain(&self.others)
    }

    /// The public halves of all keys.
    #[must_use]
    pub fn jwks(&self) -> Jwks {
        Jwks { keys: self.iter().map(SigningKey::jwk).collect() }
    }
}

impl From<SigningKey> for SigningKeys {
    fn from(signer: SigningKey) -> Self {
        Self::new(signer, Vec::new())
    }
}
