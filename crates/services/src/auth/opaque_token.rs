//! Identifiers and opaque secrets: the browser's session secret and the refresh token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cnop_domain::{Entropy, IdError, UserId};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use cnop_domain::ulid;

/// Characters of 128 bits in base32.
const ID_CHARACTERS: usize = 26;
/// Prefix of a user's id.
const USER_PREFIX: &str = "usr_";
/// Characters of 256 bits in base64url.
const SECRET_CHARACTERS: usize = 43;

/// Before the session of a message about all the others.
const OTHERS: char = '*';
/// Keeps hashes of successors apart from all other hashes of secrets.
const SUCCESSOR_LABEL: &[u8] = b"cnop refresh successor";

/// 128 random bits as text.
pub(super) fn random_id(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    ulid::encode(u128::from_be_bytes(bytes))
}

/// An identifier of this kind; newer ones sort behind.
pub(super) fn timed_id<T: std::str::FromStr<Err = IdError>>(
    prefix: &str,
    now_us: i64,
    entropy: &dyn Entropy,
) -> Result<T, IdError> {
    format!("{prefix}{}", ulid::encode(ulid::timed(now_us, entropy))).parse()
}

/// Purpose of an opaque secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Cookie of a browser.
    Browser,
    /// One refresh of an API client.
    Refresh,
    /// Cookie of a browser that a user has signed in with before. In place of the session it names the device.
    Device,
}

impl Purpose {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Browser => "cs",
            Self::Refresh => "cr",
            Self::Device => "cd",
        }
    }
}

/// Owner of an opaque secret. The text has two letters for the purpose, the user, the session (so that one
/// `get` finds the item), and 256 random bits that only its holder knows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct TokenOwner {
    pub(super) user_id: UserId,
    pub(super) session_id: String,
}

impl TokenOwner {
    /// Message form for other servers, when every session of the user but this one has ended: `user/*session`.
    pub(super) fn others_message(&self) -> String {
        format!("{}/{OTHERS}{}", self.user_id, self.session_id)
    }

    /// Message form for other servers: `user/session`.
    pub(super) fn message(&self) -> String {
        format!("{}/{}", self.user_id, self.session_id)
    }

    /// Read from such a message.
    pub(super) fn from_message(payload: &[u8]) -> Option<EndedSessions> {
        let (user, session) = std::str::from_utf8(payload).ok()?.split_once('/')?;
        let (is_others, session_id) = match session.strip_prefix(OTHERS) {
            Some(session_id) => (true, session_id),
            None => (false, session),
        };
        if session_id.len() != ID_CHARACTERS {
            return None;
        }
        let owner = Self { user_id: user.parse().ok()?, session_id: session_id.to_owned() };
        Some(if is_others { EndedSessions::Others(owner) } else { EndedSessions::One(owner) })
    }
}

/// Sessions that a message says have ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EndedSessions {
    /// This one.
    One(TokenOwner),
    /// Every session of the user but this one.
    Others(TokenOwner),
}

/// A new secret of a session.
pub(super) fn secret_make(purpose: Purpose, owner: &TokenOwner, entropy: &dyn Entropy) -> Zeroizing<String> {
    let mut random = Zeroizing::new([0; 32]);
    entropy.fill(random.as_mut());
    secret_of(purpose, owner, &random)
}

fn secret_of(purpose: Purpose, owner: &TokenOwner, random: &Zeroizing<[u8; 32]>) -> Zeroizing<String> {
    let user = owner.user_id.as_str().strip_prefix(USER_PREFIX).unwrap_or_default();
    let random = Zeroizing::new(URL_SAFE_NO_PAD.encode(random.as_slice()));
    Zeroizing::new(format!("{}{user}{}{}", purpose.prefix(), owner.session_id, random.as_str()))
}

/// The successor of a secret, the same each time for the same salt. Only who has both the secret and the salt can
/// compute it: the table has the salt, its client the secret.
pub(super) fn secret_derive(
    purpose: Purpose,
    owner: &TokenOwner,
    secret: &str,
    salt: &[u8; 32],
) -> Zeroizing<String> {
    let random: [u8; 32] =
        Sha256::new().chain_update(SUCCESSOR_LABEL).chain_update(salt).chain_update(secret).finalize().into();
    secret_of(purpose, owner, &Zeroizing::new(random))
}

/// Owner of a secret with a valid form. Only its hash shows whether it is genuine.
pub(super) fn secret_owner(purpose: Purpose, text: &str) -> Option<TokenOwner> {
    let rest = text.strip_prefix(purpose.prefix()).filter(|rest| rest.is_ascii())?;
    let (user, rest) = rest.split_at_checked(ID_CHARACTERS)?;
    let (session, random) = rest.split_at_checked(ID_CHARACTERS)?;
    if random.len() != SECRET_CHARACTERS || ulid::decode(user).is_none() || ulid::decode(session).is_none() {
        return None;
    }
    Some(TokenOwner { user_id: format!("{USER_PREFIX}{user}").parse().ok()?, session_id: session.to_owned() })
}

/// Hash that is stored in place of a secret. The secret has 256 random bits, so it needs no salt and no slow
/// hash.
pub(super) fn secret_hash(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cnop_testkit::SeededEntropy;

    #[test]
    fn identifiers_are_ordered_by_time_and_never_alike() {
        let entropy = SeededEntropy::new(1);
        let made: Vec<UserId> =
            (1..=3).map(|ms| timed_id(USER_PREFIX, ms * 1_000, &entropy).unwrap()).collect();
        assert!(made.is_sorted());
        assert!(made.iter().all(|id| id.as_str().len() == 30 && ulid::decode(&id.as_str()[4..]).is_some()));
        assert_ne!(random_id(&entropy), random_id(&entropy));
    }

    #[test]
    fn a_secret_leads_to_its_session_and_to_nothing_else() {
        let entropy = SeededEntropy::new(2);
        let owner = TokenOwner {
            user_id: timed_id(USER_PREFIX, 1, &entropy).unwrap(),
            session_id: random_id(&entropy),
        };
        let secret = secret_make(Purpose::Browser, &owner, &entropy);
        assert_eq!(secret_owner(Purpose::Browser, &secret), Some(owner.clone()));
        assert_eq!(secret_owner(Purpose::Refresh, &secret), None, "a cookie is no refresh token");
        let one = TokenOwner::from_message(owner.message().as_bytes());
        assert_eq!(one, Some(EndedSessions::One(owner.clone())));
        let others = TokenOwner::from_message(owner.others_message().as_bytes());
        assert_eq!(others, Some(EndedSessions::Others(owner.clone())));
        assert_eq!(TokenOwner::from_message(b"usr_1/session"), None);
        assert_ne!(*secret, *secret_make(Purpose::Browser, &owner, &entropy));
        let derive = |salt| secret_derive(Purpose::Refresh, &owner, &secret, &[salt; 32]);
        assert_eq!(*derive(1), *derive(1));
        assert_ne!(*derive(1), *derive(2));
        assert_eq!(secret_owner(Purpose::Refresh, &derive(1)), Some(owner.clone()));
        let long = format!("{}x", secret.as_str());
        let multibyte = format!("cs{}", "é".repeat(60));
        for text in ["", "cs", &secret[..secret.len() - 1], &long, &multibyte, &secret.to_lowercase()] {
            assert_eq!(secret_owner(Purpose::Browser, text), None, "{text}");
        }
    }
}
