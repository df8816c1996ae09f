//! Password hashing: Argon2id on a bounded number of blocking threads, beside the threads that answer requests.

use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::Error as HashError;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use cnop_api::rules::password_normal;
use cnop_domain::Entropy;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::common_password::is_common;
use super::password_queue::{PasswordQueue, PasswordUse};
use crate::context::PasswordCost;
use crate::error::{Error, Result};

/// Cores that are left to requests, so that trading goes on while many people sign in.
const CORES_LEFT: usize = 1;
/// Bytes of a salt.
const SALT_BYTES: usize = 16;

/// The outcome of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verified {
    /// Another password.
    Wrong,
    /// The password, in the form in which passwords are hashed today.
    Right,
    /// The password byte by byte as it was sent: the hash is older than the common form, and should be replaced.
    RightAsSent,
}

impl Verified {
    pub(super) const fn is_right(self) -> bool {
        !matches!(self, Self::Wrong)
    }
}

/// Hashes and verifies passwords. Each computation uses a core and the configured memory for a while. One core is left
/// to requests, and a bounded number waits.
#[derive(Debug)]
pub(super) struct Hasher {
    params: Params,
    /// A hash without a password, with the present parameters: unknown users are verified against it.
    decoy: String,
    queue: PasswordQueue,
    memory: Arc<Memory>,
}

/// Memory blocks of the hash computation, kept for reuse: as many as ever ran at once. Returned to the
/// allocator, each thread of the pool would keep several blocks (up to 900 MB were seen on two cores).
#[derive(Debug, Default)]
struct Memory {
    free: Mutex<Vec<Vec<Block>>>,
}

impl Memory {
    /// Lends a piece of the size that the parameters need.
    fn with<T>(&self, params: &Params, work: impl FnOnce(&mut [Block]) -> T) -> T {
        let mut blocks = self.free().pop().unwrap_or_default();
        // A stored hash may have been made with less or more than today's.
        blocks.resize(params.block_count(), Block::new());
        let done = work(&mut blocks);
        self.free().push(blocks);
        done
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Vec<Block>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hasher {
    pub(super) fn new(cost: PasswordCost) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        // With parameters that argon2 refuses nobody could sign in, so the recommended ones are used.
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None).unwrap_or_else(|error| {
            tracing::error!(%error, ?cost, "these password parameters are not possible; the recommended ones are used");
            Params::default()
        });
        let decoy = format!(
            "$argon2id$v=19$m={},t={},p={}${}${}",
            params.m_cost(),
            params.t_cost(),
            params.p_cost(),
            "A".repeat(22),
            "A".repeat(43)
        );
        Self {
            params,
            decoy,
            queue: PasswordQueue::new(cores.saturating_sub(CORES_LEFT).max(1)),
            memory: Arc::default(),
        }
    }

    /// The hash of a new password, in PHC form; `None` for a password that is easy to guess. `personal` are words that
    /// a guesser would try first.
    ///
    /// # Errors
    /// `service.overloaded` when too many passwords wait.
    pub(super) async fn hash_new(
        &self,
        password: Zeroizing<String>,
        personal: Vec<String>,
        entropy: &dyn Entropy,
        network: &str,
        usage: PasswordUse,
    ) -> Result<Option<String>> {
        let salt = salt_make(entropy);
        let (params, memory) = (self.params.clone(), Arc::clone(&self.memory));
        let hashed = self.run(network, usage, move || {
            if is_common(&password_normal(&password), &personal) {
                return Ok(None);
            }
            hash_now(&password, &salt, &params, &memory).map(Some)
        });
        hashed.await?.map_err(not_hashed)
    }

    /// The hash of a password that was verified, in PHC form.
    ///
    /// # Errors
    /// `service.overloaded` when too many passwords wait.
    pub(super) async fn hash(
        &self,
        password: Zeroizing<String>,
        entropy: &dyn Entropy,
        network: &str,
    ) -> Result<String> {
        let salt = salt_make(entropy);
        let (params, memory) = (self.params.clone(), Arc::clone(&self.memory));
        let hashed =
            self.run(network, PasswordUse::SignIn, move || hash_now(&password, &salt, &params, &memory));
        hashed.await?.map_err(not_hashed)
    }

    /// Returns true if the password belongs to the hash. Without a hash (an unknown name) the answer is no, after the
    /// same work.
    ///
    /// # Errors
    /// `service.overloaded` when too many passwords wait.
    pub(super) async fn verify(
        &self,
        password: Zeroizing<String>,
        hash: Option<String>,
        network: &str,
    ) -> Result<Verified> {
        let is_known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        let memory = Arc::clone(&self.memory);
        let verified =
            self.run(network, PasswordUse::SignIn, move || verify_now(&password, &hash, &memory)).await?;
        match verified {
            Ok(verified) => Ok(if is_known { verified } else { Verified::Wrong }),
            Err(error) => Err(Error::Internal(format!("a stored password hash could not be used: {error}"))),
        }
    }

    /// Returns true if a hash was made with less work than today's parameters.
    pub(super) fn is_outdated(&self, hash: &str) -> bool {
        let params = PasswordHash::new(hash).ok().and_then(|hash| Params::try_from(&hash).ok());
        let Some(params) = params else { return true };
        params.m_cost() < self.params.m_cost()
            || params.t_cost() < self.params.t_cost()
            || params.p_cost() < self.params.p_cost()
    }

    async fn run<T: Send + 'static>(
        &self,
        network: &str,
        usage: PasswordUse,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let permit = self.queue.enter(network, usage).await?;
        // The permit goes along: when the request is canceled, the thread still counts until it is done.
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        })
        .await
        .map_err(|error| Error::Internal(format!("a password thread failed: {error}")))
    }
}

fn salt_make(entropy: &dyn Entropy) -> [u8; SALT_BYTES] {
    let mut salt = [0; SALT_BYTES];
    entropy.fill(&mut salt);
    salt
}

#[allow(clippy::needless_pass_by_value, reason = "the form that `map_err` takes")]
fn not_hashed(error: HashError) -> Error {
    Error::Internal(format!("a password could not be hashed: {error}"))
}

fn hash_now(password: &str, salt: &[u8], params: &Params, memory: &Memory) -> Result<String, HashError> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut bytes = [0; Params::DEFAULT_OUTPUT_LEN];
    memory.with(params, |blocks| {
        argon2.hash_password_into_with_memory(password_normal(password).as_bytes(), salt, &mut bytes, blocks)
    })?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params)?,
        salt: Some(Salt::new(salt)?),
        hash: Some(Output::new(&bytes)?),
    };
    Ok(hash.to_string())
}

/// Tries the common form first, then the password as it was sent: hashes that were made before the common form stay
/// valid. Both are tried for a wrong password, whether the name exists or not.
fn verify_now(password: &str, hash: &str, memory: &Memory) -> Result<Verified, HashError> {
    let normal = password_normal(password);
    if matches_hash(&normal, hash, memory)? {
        return Ok(Verified::Right);
    }
    if *normal != *password && matches_hash(password, hash, memory)? {
        return Ok(Verified::RightAsSent);
    }
    Ok(Verified::Wrong)
}

fn matches_hash(password: &str, hash: &str, memory: &Memory) -> Result<bool, HashError> {
    let hash = PasswordHash::new(hash).map_err(|_| HashError::EncodingInvalid)?;
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else {
        return Err(HashError::EncodingInvalid);
    };
    let version = hash.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let params = Params::try_from(&hash)?;
    let argon2 = Argon2::new(Algorithm::try_from(hash.algorithm.as_str())?, version, params.clone());
    let mut bytes = [0; Output::MAX_LENGTH];
    let bytes = bytes.get_mut(..expected.len()).ok_or(HashError::OutputSize)?;
    memory.with(&params, |blocks| {
        argon2.hash_password_into_with_memory(password.as_bytes(), salt, bytes, blocks)
    })?;
    Ok(bytes.ct_eq(expected.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use cnop_testkit::SeededEntropy;

    use crate::tests::support::CHEAP;

    const NETWORK: &str = "192.0.2.1";

    fn secret(text: &str) -> Zeroizing<String> {
        Zeroizing::new(text.to_owned())
    }

    #[tokio::test]
    async fn right_passwords_wrong_passwords_and_unknown_users() {
        let hasher = Hasher::new(CHEAP);
        let entropy = SeededEntropy::new(1);
        let hash = hasher.hash(secret("Abcdefghij1!"), &entropy, NETWORK).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert_ne!(
            hash,
            hasher.hash(secret("Abcdefghij1!"), &entropy, NETWORK).await.unwrap(),
            "each hash has its salt"
        );
        let verify = async |text: &str, hash: Option<&str>| {
            hasher.verify(secret(text), hash.map(ToOwned::to_owned), NETWORK).await
        };
        assert_eq!(verify("Abcdefghij1!", Some(&hash)).await.unwrap(), Verified::Right);
        assert_eq!(verify("Abcdefghij1?", Some(&hash)).await.unwrap(), Verified::Wrong);
        assert_eq!(verify("Abcdefghij1!", None).await.unwrap(), Verified::Wrong);
        assert!(verify("Abcdefghij1!", Some("nonsense")).await.is_err());
    }

    /// A hash of decomposed letters, as it was made before the common form, is still the password's.
    #[tokio::test]
    async fn a_password_is_right_from_every_keyboard_and_old_hashes_stay_valid() {
        let hasher = Hasher::new(CHEAP);
        let (one, two) = ("Passw\u{f6}rter 1", "Passwo\u{308}rter\u{a0}1");
        let hash = hasher.hash(secret(two), &SeededEntropy::new(1), NETWORK).await.unwrap();
        for text in [one, two] {
            let verified = hasher.verify(secret(text), Some(hash.clone()), NETWORK).await.unwrap();
            assert_eq!(verified, Verified::Right, "{text:?}");
        }
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, hasher.params.clone());
        let mut bytes = [0; Params::DEFAULT_OUTPUT_LEN];
        argon2.hash_password_into(two.as_bytes(), &[7; SALT_BYTES], &mut bytes).unwrap();
        let old = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&hasher.params).unwrap(),
            salt: Some(Salt::new(&[7; SALT_BYTES]).unwrap()),
            hash: Some(Output::new(&bytes).unwrap()),
        };
        let verified = hasher.verify(secret(two), Some(old.to_string()), NETWORK).await.unwrap();
        assert_eq!(verified, Verified::RightAsSent);
        let verified = hasher.verify(secret(one), Some(old.to_string()), NETWORK).await.unwrap();
        assert_eq!(verified, Verified::Wrong);
    }

    #[tokio::test]
    async fn an_easy_password_has_no_hash() {
        let hasher = Hasher::new(CHEAP);
        let entropy = SeededEntropy::new(1);
        let new = async |text: &str| {
            let usage = PasswordUse::Registration;
            hasher.hash_new(secret(text), Vec::new(), &entropy, NETWORK, usage).await.unwrap()
        };
        assert_eq!(new("Password123!").await, None);
        assert!(new("Correct-Horse-7").await.is_some());
    }

    #[tokio::test]
    async fn the_decoy_costs_what_a_hash_of_today_costs() {
        let hasher = Hasher::new(PasswordCost { memory_kib: 64, passes: 3, lanes: 2 });
        let decoy = PasswordHash::new(&hasher.decoy).unwrap();
        let params = Params::try_from(&decoy).unwrap();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (64, 3, 2));
        let decoy = verify_now("", &hasher.decoy, &hasher.memory).unwrap();
        assert_eq!(decoy, Verified::Wrong, "it is worked through and refused");
        let real = hasher.hash(secret("x"), &SeededEntropy::new(1), NETWORK).await.unwrap();
        assert_eq!(real.len(), hasher.decoy.len());
    }

    /// Our reuse of memory gives the same hashes as the library.
    #[test]
    fn hashes_are_those_of_the_library() {
        use argon2::password_hash::{CustomizedPasswordHasher as _, PasswordVerifier as _};
        let memory = Memory::default();
        for (memory_kib, passes, lanes) in [(64, 1, 1), (8, 3, 1), (128, 2, 4), (8, 1, 1)] {
            let params = Params::new(memory_kib, passes, lanes, None).unwrap();
            let ours = hash_now("Abcdefghij1!", &[7; SALT_BYTES], &params, &memory).unwrap();
            Argon2::default().verify_password(b"Abcdefghij1!", ours.as_str()).unwrap();
            let theirs = Argon2::default()
                .hash_password_with_params(b"Abcdefghij1!", &[7; SALT_BYTES], params)
                .unwrap()
                .to_string();
            assert_eq!(ours, theirs);
            assert!(verify_now("Abcdefghij1!", &theirs, &memory).unwrap().is_right());
            assert!(!verify_now("Abcdefghij1?", &theirs, &memory).unwrap().is_right());
        }
        for broken in ["$argon2id$v=19$m=8,t=1,p=1", "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ", "$scrypt$ln=1"]
        {
            assert!(verify_now("x", broken, &memory).is_err(), "{broken}");
        }
        assert_eq!(memory.free().len(), 1, "the same memory serves one after the other");
    }

    /// All cores worked on passwords while orders waited.
    #[tokio::test]
    async fn a_core_is_left_to_requests_and_memory_is_bounded_by_the_threads() {
        let hasher = Arc::new(Hasher::new(CHEAP));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = hasher.queue.free();
        assert_eq!(threads, (cores - 1).max(1));
        let networks: Vec<String> = (0..40).map(|number| format!("192.0.2.{number}")).collect();
        let running: Vec<_> = networks
            .into_iter()
            .map(|network| {
                let hasher = Arc::clone(&hasher);
                tokio::spawn(async move { hasher.verify(secret("x"), None, &network).await })
            })
            .collect();
        for one in running {
            assert_eq!(one.await.unwrap().unwrap(), Verified::Wrong);
        }
        let pieces = hasher.memory.free().len();
        assert!((1..=threads).contains(&pieces), "{pieces}");
        assert_eq!(hasher.queue.free(), threads);
    }

    #[tokio::test]
    async fn hashes_made_with_less_work_are_outdated() {
        let entropy = SeededEntropy::new(1);
        let old = Hasher::new(CHEAP).hash(secret("x"), &entropy, NETWORK).await.unwrap();
        assert!(!Hasher::new(CHEAP).is_outdated(&old));
        assert!(Hasher::new(PasswordCost { passes: 2, ..CHEAP }).is_outdated(&old));
        assert!(Hasher::new(PasswordCost { memory_kib: 16, ..CHEAP }).is_outdated(&old));
        assert!(Hasher::new(CHEAP).is_outdated("nonsense"));
    }
}
