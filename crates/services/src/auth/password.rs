//! Password hashing: Argon2id on a bounded number of blocking threads.

use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::Error as HashError;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use cnop_api::{Code, Problem};
use cnop_domain::Entropy;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::context::PasswordCost;
use crate::error::{Error, Result};

/// Passwords that may wait for a thread. At about 25 ms each, the last one waits less than a second on two cores.
const WAITING_MAX: usize = 64;
/// Seconds after which a client may try again when too many wait.
const RETRY_SECONDS: u32 = 1;
/// Bytes of a salt.
const SALT_BYTES: usize = 16;

/// Hashes and verifies passwords. Each computation uses a core and the configured memory for a while, so only
/// one per core runs at once, and a bounded number waits.
#[derive(Debug)]
pub(super) struct Hasher {
    params: Params,
    /// A hash without a password, with the present parameters: unknown users are verified against it.
    decoy: String,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
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
            running: Arc::new(Semaphore::new(cores)),
            admitted: Arc::new(Semaphore::new(cores + WAITING_MAX)),
            memory: Arc::default(),
        }
    }

    /// The hash of a new password, in PHC form.
    ///
    /// # Errors
    /// `service.overloaded` when too many passwords wait.
    pub(super) async fn hash(&self, password: Zeroizing<String>, entropy: &dyn Entropy) -> Result<String> {
        let mut salt = [0; SALT_BYTES];
        entropy.fill(&mut salt);
        let (params, memory) = (self.params.clone(), Arc::clone(&self.memory));
        let hashed = self.run(move || hash_now(&password, &salt, &params, &memory)).await?;
        hashed.map_err(|error| Error::Internal(format!("a password could not be hashed: {error}")))
    }

    /// Returns true if the password belongs to the hash. Without a hash (an unknown name) the answer is no, after the
    /// same work.
    ///
    /// # Errors
    /// `service.overloaded` when too many passwords wait.
    pub(super) async fn verify(&self, password: Zeroizing<String>, hash: Option<String>) -> Result<bool> {
        let is_known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        let memory = Arc::clone(&self.memory);
        let verified = self.run(move || verify_now(&password, &hash, &memory)).await?;
        match verified {
            Ok(is_right) => Ok(is_right && is_known),
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

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| overloaded())?;
        let running = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_| Error::Internal("the password threads were closed".to_owned()))?;
        // The permits go along: when the request is canceled, the thread still counts until it is done.
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop((running, admitted));
            done
        })
        .await
        .map_err(|error| Error::Internal(format!("a password thread failed: {error}")))
    }
}

fn overloaded() -> Error {
    Problem::new(Code::Overloaded, "Too many people are signing in at this moment. Try again in a second.")
        .retry_after(RETRY_SECONDS)
        .into()
}

fn hash_now(password: &str, salt: &[u8], params: &Params, memory: &Memory) -> Result<String, HashError> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut bytes = [0; Params::DEFAULT_OUTPUT_LEN];
    memory.with(params, |blocks| {
        argon2.hash_password_into_with_memory(password.as_bytes(), salt, &mut bytes, blocks)
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

fn verify_now(password: &str, hash: &str, memory: &Memory) -> Result<bool, HashError> {
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

    fn secret(text: &str) -> Zeroizing<String> {
        Zeroizing::new(text.to_owned())
    }

    #[tokio::test]
    async fn right_passwords_wrong_passwords_and_unknown_users() {
        let hasher = Hasher::new(CHEAP);
        let entropy = SeededEntropy::new(1);
        let hash = hasher.hash(secret("Abcdefghij1!"), &entropy).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert_ne!(
            hash,
            hasher.hash(secret("Abcdefghij1!"), &entropy).await.unwrap(),
            "each hash has its salt"
        );
        assert!(hasher.verify(secret("Abcdefghij1!"), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify(secret("Abcdefghij1?"), Some(hash)).await.unwrap());
        assert!(!hasher.verify(secret("Abcdefghij1!"), None).await.unwrap());
        assert!(hasher.verify(secret("Abcdefghij1!"), Some("nonsense".to_owned())).await.is_err());
    }

    #[tokio::test]
    async fn the_decoy_costs_what_a_hash_of_today_costs() {
        let hasher = Hasher::new(PasswordCost { memory_kib: 64, passes: 3, lanes: 2 });
        let decoy = PasswordHash::new(&hasher.decoy).unwrap();
        let params = Params::try_from(&decoy).unwrap();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (64, 3, 2));
        assert!(!verify_now("", &hasher.decoy, &hasher.memory).unwrap(), "it is worked through and refused");
        let real = hasher.hash(secret("x"), &SeededEntropy::new(1)).await.unwrap();
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
            assert!(verify_now("Abcdefghij1!", &theirs, &memory).unwrap());
            assert!(!verify_now("Abcdefghij1?", &theirs, &memory).unwrap());
        }
        for broken in ["$argon2id$v=19$m=8,t=1,p=1", "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ", "$scrypt$ln=1"]
        {
            assert!(verify_now("x", broken, &memory).is_err(), "{broken}");
        }
        assert_eq!(memory.free().len(), 1, "the same memory serves one after the other");
    }

    #[tokio::test]
    async fn password_hashing_memory_is_bounded_by_its_concurrency() {
        let hasher = Arc::new(Hasher::new(CHEAP));
        let running: Vec<_> = (0..40)
            .map(|_| {
                let hasher = Arc::clone(&hasher);
                tokio::spawn(async move { hasher.verify(secret("x"), None).await })
            })
            .collect();
        for one in running {
            assert!(!one.await.unwrap().unwrap());
        }
        let pieces = hasher.memory.free().len();
        assert!((1..=hasher.running.available_permits()).contains(&pieces), "{pieces}");
    }

    #[tokio::test]
    async fn hashes_made_with_less_work_are_outdated() {
        let entropy = SeededEntropy::new(1);
        let old = Hasher::new(CHEAP).hash(secret("x"), &entropy).await.unwrap();
        assert!(!Hasher::new(CHEAP).is_outdated(&old));
        assert!(Hasher::new(PasswordCost { passes: 2, ..CHEAP }).is_outdated(&old));
        assert!(Hasher::new(PasswordCost { memory_kib: 16, ..CHEAP }).is_outdated(&old));
        assert!(Hasher::new(CHEAP).is_outdated("nonsense"));
    }

    #[tokio::test]
    async fn the_queue_is_bounded_and_cancelled_ones_leave_it() {
        let hasher = Hasher::new(CHEAP);
        let all = hasher.admitted.available_permits();
        let held = hasher.admitted.clone().acquire_many_owned(u32::try_from(all).unwrap()).await.unwrap();
        let refusal = Problem::from(hasher.verify(secret("x"), None).await.unwrap_err());
        assert_eq!((refusal.code, refusal.retry_after_seconds), (Code::Overloaded, Some(RETRY_SECONDS)));
        drop(held);
        let cores = hasher.running.available_permits();
        let busy = hasher.running.clone().acquire_many_owned(u32::try_from(cores).unwrap()).await.unwrap();
        let mut waiting = Box::pin(hasher.verify(secret("x"), None));
        assert!(futures_pending(waiting.as_mut()).await);
        drop(waiting);
        assert_eq!(hasher.admitted.available_permits(), all);
        drop(busy);
        assert!(!hasher.verify(secret("x"), None).await.unwrap());
    }

    async fn futures_pending<F: Future>(future: std::pin::Pin<&mut F>) -> bool {
        let mut future = Some(future);
        std::future::poll_fn(move |context| {
            let is_pending = future.take().is_some_and(|future| future.poll(context).is_pending());
            std::task::Poll::Ready(is_pending)
        })
        .await
    }
}
