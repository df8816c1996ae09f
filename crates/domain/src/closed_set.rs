//! Enums that cross the wire as one word: the word is written once and serves JSON, [`Display`](std::fmt::Display),
//! parsing and the OpenAPI schema.

/// Declares a closed set of words. The stored form (postcard) is the variant's position: add only at the end.
///
/// The crate that uses it depends on `serde`, and has a feature `openapi` that turns `utoipa` on.
#[macro_export]
macro_rules! closed_set {
    (
        $(#[$meta:meta])*
        $vis:vis enum $set:ident {
            $($(#[$doc:meta])* $name:ident = $text:tt,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ::serde::Serialize, ::serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(::utoipa::ToSchema))]
        $vis enum $set {
            $($(#[$doc])* #[serde(rename = $text)] $name,)+
        }

        impl $set {
            /// All values of the set, in order.
            $vis const ALL: [Self; [$($text,)+].len()] = [$(Self::$name,)+];

            /// Its text on the wire.
            #[must_use]
            $vis const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The member with this text.
            #[must_use]
            $vis fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)+ _ => None }
            }
        }

        impl ::std::fmt::Display for $set {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

#[cfg(test)]
mod tests {
    crate::closed_set! {
        /// A set for the test.
        enum Signal {
            /// The first of them.
            Stop = "stop",
            /// The second of them.
            GoAhead = "go",
        }
    }

    #[test]
    fn json_display_and_parsing_share_one_word_and_storage_keeps_the_position() {
        for (index, signal) in (0_u8..).zip(Signal::ALL) {
            let text = signal.as_str();
            assert_eq!(serde_json::to_string(&signal).unwrap(), format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Signal>(&format!("\"{text}\"")).unwrap(), signal);
            assert_eq!((Signal::from_text(text), signal.to_string()), (Some(signal), text.to_owned()));
            assert_eq!(postcard::to_allocvec(&signal).unwrap(), [index]);
        }
        assert_eq!(Signal::from_text("GoAhead"), None);
        assert!(serde_json::from_str::<Signal>("\"GoAhead\"").is_err());
    }
}
