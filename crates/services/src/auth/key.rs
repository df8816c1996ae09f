//! The signing key of access tokens, and its file.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cnop_domain::Entropy;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

use super::provider;
use crate::secret_file::{self, SecretFileError};

/// Prefix of the 32 bytes of an Ed25519 seed in a PKCS#8 document (RFC 8410).
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
/// First and last line of the file.
const PEM_LABELS: (&str, &str) = ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----");
/// A key file is 119 bytes; anything much larger is something else.
const FILE_BYTES_MAX: u64 = 4_096;

/// Error while loading the signing key. The sentences are for the operator.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("the signing key file {} cannot be used: {source}", path.display())]
    File {
        /// Path of the file.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// The file is something else.
    #[error(
        "the signing key file {} is not an Ed25519 private key in PEM (make one with: openssl genpkey -algorithm ed25519)",
        .0.display()
    )]
    Format(PathBuf),
    /// Other users can read the file.
    #[error("the signing key file {} can be read by every user; run: chmod 600 {}", .0.display(), .0.display())]
    Rights(PathBuf),
}

impl From<SecretFileError> for KeyError {
    fn from(error: SecretFileError) -> Self {
        match error {
            SecretFileError::File { path, source } => Self::File { path, source },
            SecretFileError::Rights(path) => Self::Rights(path),
            SecretFileError::Size(path) => Self::Format(path),
        }
    }
}

/// An Ed25519 key. Every server of a venue uses the same one.
#[derive(Clone)]
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
    id: String,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Generates a new key.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        entropy.fill(seed.as_mut());
        Self::from_bytes(&seed)
    }

    /// The key of this seed.
    #[must_use]
    pub fn from_bytes(seed: &[u8; 32]) -> Self {
        provider::install();
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        // RFC 7638: the members in this order and without spaces.
        let thumbprint = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, public_text(&key));
        let id = URL_SAFE_NO_PAD.encode(Sha256::digest(thumbprint));
        Self { key, id }
    }

    /// The key in a file.
    ///
    /// # Errors
    /// The file cannot be read, is no Ed25519 key, or can be read by every user.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let bytes = secret_file::read(path, FILE_BYTES_MAX)?;
        let seed = std::str::from_utf8(&bytes).ok().and_then(seed_from_pem);
        seed.map(|seed| Self::from_bytes(&seed)).ok_or_else(|| KeyError::Format(path.to_owned()))
    }

    /// Writes the key into a new file that only its owner can read, durably.
    ///
    /// # Errors
    /// The file exists or cannot be written.
    pub fn to_file(&self, path: &Path) -> Result<(), KeyError> {
        Ok(secret_file::write_new(path, self.to_pem().as_bytes())?)
    }

    /// The key in a file, which is made at the first start.
    ///
    /// # Errors
    /// As [`SigningKey::load`] and [`SigningKey::to_file`].
    pub fn load_or_create(path: &Path, entropy: &dyn Entropy) -> Result<Self, KeyError> {
        match secret_file::read(path, FILE_BYTES_MAX) {
            Err(error) if error.is_missing() => {
                secret_file::create(path, Self::generate(entropy).to_pem().as_bytes(), entropy)?;
            }
            _ => {}
        }
        // Loaded, not kept: when two servers start at once, one file wins and both must use it.
        Self::load(path)
    }

    /// Names the key in tokens and in the key set: its RFC 7638 thumbprint.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The public half of the key.
    #[must_use]
    pub fn jwk(&self) -> Jwk {
        Jwk {
            kty: "OKP",
            crv: "Ed25519",
            alg: "EdDSA",
            usage: "sig",
            kid: self.id.clone(),
            x: public_text(&self.key),
        }
    }

    pub(super) fn seed(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    pub(super) fn public(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    fn to_pem(&self) -> Zeroizing<String> {
        let mut document = Zeroizing::new(PKCS8_PREFIX.to_vec());
        document.extend_from_slice(self.key.as_bytes());
        let text = Zeroizing::new(STANDARD.encode(document.as_slice()));
        Zeroizing::new(format!("{}\n{}\n{}\n", PEM_LABELS.0, text.as_str(), PEM_LABELS.1))
    }
}

/// The key set of `/.well-known/jwks.json` (RFC 7517).
#[derive(Debug, Clone, Serialize)]
pub struct Jwks {
    /// The public keys that tokens may be signed with.
    pub keys: Vec<Jwk>,
}

/// One public key (RFC 8037).
#[derive(Debug, Clone, Serialize)]
pub struct Jwk {
    /// Type of the key, always `OKP`.
    pub kty: &'static str,
    /// Curve of the key, always `Ed25519`.
    pub crv: &'static str,
    /// Signature algorithm, always `EdDSA`.
    pub alg: &'static str,
    /// Use of the key, always `sig`.
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// The `kid` of the tokens that it signs.
    pub kid: String,
    /// The public key in base64url.
    pub x: String,
}

fn public_text(key: &ed25519_dalek::SigningKey) -> String {
    URL_SAFE_NO_PAD.encode(key.verifying_key().to_bytes())
}

fn seed_from_pem(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let text = text.trim().strip_prefix(PEM_LABELS.0)?.strip_suffix(PEM_LABELS.1)?;
    let text: Zeroizing<String> = Zeroizing::new(text.split_ascii_whitespace().collect());
    let document = Zeroizing::new(STANDARD.decode(text.as_bytes()).ok()?);
    let seed = document.strip_prefix(PKCS8_PREFIX.as_slice())?;
    <[u8; 32]>::try_from(seed).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use cnop_testkit::SeededEntropy;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signing-key.pem");
        let entropy = SeededEntropy::new(1);
        let made = SigningKey::load_or_create(&path, &entropy).unwrap();
        let found = SigningKey::load_or_create(&path, &entropy).unwrap();
        assert_eq!(made.id(), found.id());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left behind");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            assert!(matches!(SigningKey::load(&path), Err(KeyError::Rights(_))));
        }
        assert!(matches!(made.to_file(&path), Err(KeyError::File { .. })), "a key is never overwritten");
    }

    #[test]
    fn reads_what_openssl_writes_and_refuses_everything_else() {
        // The private key of RFC 8410, section 10.3.
        let pem = "-----BEGIN PRIVATE KEY-----\n\
                   MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
                   -----END PRIVATE KEY-----\n";
        let seed = seed_from_pem(pem).unwrap();
        let key = SigningKey::from_bytes(&seed);
        assert_eq!(key.to_pem().as_str(), pem);
        assert_eq!(key.jwk().x, "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE");
        for text in [
            "",
            "hello",
            "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
            &pem.replace("MC4C", "MC4D"),
        ] {
            assert!(seed_from_pem(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_key_never_prints_itself() {
        let key = SigningKey::from_bytes(&[7; 32]);
        assert_eq!(format!("{key:?}"), format!("SigningKey {{ id: {:?}, .. }}", key.id()));
    }
}
