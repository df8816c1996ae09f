//! Signed access tokens (JWT, EdDSA).

use std::fmt;

use cnop_api::accounts::UserRole;
use cnop_domain::UserId;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};

use super::key::Jwks;
use super::key_ring::SigningKeys;
use super::opaque_token::TokenOwner;
use crate::error::{Error, Result};

/// Life of an access token in seconds: part of the public contract.
pub(super) const ACCESS_TOKEN_SECONDS: u32 = 3_600;
/// Maximum length of an access token that is parsed. Ours have about 450 bytes.
pub(super) const ACCESS_TOKEN_BYTES_MAX: usize = 2_048;
/// Audience of the tokens.
const AUDIENCE: &str = "cnop-api";

/// Claims of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    /// The venue's public URL.
    pub(super) iss: String,
    /// Audience of the token, always [`AUDIENCE`].
    pub(super) aud: String,
    pub(super) sub: UserId,
    /// Role of the user.
    pub(super) role: UserRole,
    /// Unique id of this token.
    pub(super) jti: String,
    /// The session: it dies with it.
    pub(super) sid: String,
    /// Signed at, seconds since 1970.
    pub(super) iat: i64,
    /// Dead from then on, seconds since 1970.
    pub(super) exp: i64,
}

/// Signs and checks access tokens.
pub(super) struct Tokens {
    keys: SigningKeys,
    encoding: EncodingKey,
    /// The public keys by their id, as few as the keys.
    decoding: Vec<(String, DecodingKey)>,
    header: Header,
    validation: Validation,
    issuer: String,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("keys", &self.keys)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

impl Tokens {
    pub(super) fn new(keys: SigningKeys, issuer: &str) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // Compared below with the venue's clock; the library would use the system's.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_ed_der(keys.signer().seed()),
            decoding: keys
                .iter()
                .map(|key| (key.id().to_owned(), DecodingKey::from_ed_der(&key.public())))
                .collect(),
            header: Header { kid: Some(keys.signer().id().to_owned()), ..Header::new(Algorithm::EdDSA) },
            validation,
            issuer: issuer.to_owned(),
            keys,
        }
    }

    /// A signed token of a session.
    pub(super) fn sign(&self, owner: &TokenOwner, role: UserRole, jti: String, now_s: i64) -> Result<String> {
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: owner.user_id.clone(),
            role,
            jti,
            sid: owner.session_id.clone(),
            iat: now_s,
            exp: now_s + i64::from(ACCESS_TOKEN_SECONDS),
        };
        encode(&self.header, &claims, &self.encoding)
            .map_err(|error| Error::Internal(format!("an access token could not be signed: {error}")))
    }

    /// Claims of a genuine, unexpired token. It takes about 50 µs, so the caller caches the result.
    pub(super) fn verify(&self, token: &str, now_s: i64) -> Option<Claims> {
        let kid = decode_header(token).ok()?.kid?;
        let (_, key) = self.decoding.iter().find(|(id, _)| *id == kid)?;
        let claims = decode::<Claims>(token, key, &self.validation).ok()?.claims;
        (claims.exp > now_s).then_some(claims)
    }

    pub(super) fn jwks(&self) -> Jwks {
        self.keys.jwks()
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::super::key::SigningKey;
    use super::*;

    const ISSUER: &str = "https://cnop.example";

    fn tokens(seed: u8, issuer: &str) -> Tokens {
        Tokens::new(SigningKey::from_bytes(&[seed; 32]).into(), issuer)
    }

    fn signed(tokens: &Tokens, now_s: i64) -> String {
        let owner = TokenOwner {
            user_id: "usr_00000000000000000000000001".parse().unwrap(),
            session_id: "session".to_owned(),
        };
        tokens.sign(&owner, UserRole::Customer, "token".to_owned(), now_s).unwrap()
    }

    #[test]
    fn a_token_says_who_and_until_when() {
        let tokens = tokens(1, ISSUER);
        let claims = tokens.verify(&signed(&tokens, 1_000), 1_000).unwrap();
        assert_eq!(
            (claims.iss.as_str(), claims.sid.as_str(), claims.jti.as_str()),
            (ISSUER, "session", "token")
        );
        assert_eq!((claims.iat, claims.exp), (1_000, 4_600));
        let header = decode_header(signed(&tokens, 1_000)).unwrap();
        assert_eq!((header.alg, header.kid.as_deref()), (Algorithm::EdDSA, Some(tokens.keys.signer().id())));
    }

    #[test]
    fn a_token_dies_on_the_second() {
        let tokens = tokens(1, ISSUER);
        let token = signed(&tokens, 1_000);
        assert!(tokens.verify(&token, 4_599).is_some());
        assert!(tokens.verify(&token, 4_600).is_none());
    }

    /// A change of the key signed everybody out.
    #[test]
    fn the_first_key_signs_and_all_keys_verify() {
        let (old, new) = (SigningKey::from_bytes(&[1; 32]), SigningKey::from_bytes(&[2; 32]));
        let before = tokens(1, ISSUER);
        let token = signed(&before, 1_000);
        let both = Tokens::new(SigningKeys::new(new.clone(), vec![old.clone()]), ISSUER);
        assert!(both.verify(&token, 1_000).is_some(), "a token of the old key");
        assert_eq!(decode_header(signed(&both, 1_000)).unwrap().kid.as_deref(), Some(new.id()));
        let ids: Vec<String> = both.jwks().keys.into_iter().map(|key| key.kid).collect();
        assert_eq!(ids, [new.id(), old.id()]);
        assert!(tokens(2, ISSUER).verify(&token, 1_000).is_none(), "without the old key no longer");
        let parts: Vec<&str> = token.split('.').collect();
        let header = format!(r#"{{"typ":"JWT","alg":"EdDSA","kid":"{}"}}"#, new.id());
        let moved = format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(header), parts[1], parts[2]);
        assert!(both.verify(&moved, 1_000).is_none(), "a key verifies what it has signed");
    }

    #[test]
    fn other_keys_issuers_and_audiences_are_refused() {
        let ours = tokens(1, ISSUER);
        assert!(ours.verify(&signed(&tokens(2, ISSUER), 1_000), 1_000).is_none(), "another key");
        assert!(
            ours.verify(&signed(&tokens(1, "https://evil.example"), 1_000), 1_000).is_none(),
            "another issuer"
        );
        let mut claims = ours.verify(&signed(&ours, 1_000), 1_000).unwrap();
        claims.aud = "elsewhere".to_owned();
        let token = encode(&ours.header, &claims, &ours.encoding).unwrap();
        assert!(ours.verify(&token, 1_000).is_none(), "another audience");
    }

    #[test]
    fn forged_tokens_are_refused() {
        let ours = tokens(1, ISSUER);
        let token = signed(&ours, 1_000);
        let parts: Vec<&str> = token.split('.').collect();
        let kid = ours.keys.signer().id();
        let header =
            |alg: &str| URL_SAFE_NO_PAD.encode(format!(r#"{{"typ":"JWT","alg":"{alg}","kid":"{kid}"}}"#));
        for alg in ["none", "HS256", "RS256", "ES256", "eddsa"] {
            let forged = format!("{}.{}.{}", header(alg), parts[1], parts[2]);
            assert!(ours.verify(&forged, 1_000).is_none(), "{alg}");
            assert!(
                ours.verify(&format!("{}.{}.", header(alg), parts[1]), 1_000).is_none(),
                "{alg}, unsigned"
            );
        }
        let hmac = jsonwebtoken::errors::ErrorKind::InvalidAlgorithm;
        let secret = EncodingKey::from_secret(&ours.keys.signer().public());
        let refusal = encode(&Header::new(Algorithm::HS256), &(), &secret).unwrap_err();
        assert_eq!(*refusal.kind(), hmac, "nothing here can even make an HMAC token");
        let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        let raised = URL_SAFE_NO_PAD.encode(claims.replace("customer", "admin"));
        assert!(ours.verify(&format!("{}.{raised}.{}", parts[0], parts[2]), 1_000).is_none(), "other claims");
        for text in ["", ".", "..", "a.b.c", "a.b.c.d", &token[..token.len() - 3]] {
            assert!(ours.verify(text, 1_000).is_none(), "{text}");
        }
    }
}
