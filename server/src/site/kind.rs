//! Content types by file name.

/// The `Content-Type` of a file.
pub(crate) fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "jpg" | "jpeg" => "image/jpeg",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// Shortest hash in a file's name.
const HASH_CHARACTERS_MIN: usize = 16;

/// Returns true if the name carries a hash of the contents (`cnop.<hash>.js`): such a file never changes.
pub(crate) fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut parts = name.split('.');
    let (Some(_), Some(hash), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    path.starts_with("pkg/")
        && hash.len() >= HASH_CHARACTERS_MIN
        && hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hashed_names_are_immutable() {
        assert!(is_hashed("pkg/cnop.Zm9vYmFyYmF6cXV4MTIz.wasm"));
        for path in ["pkg/cnop.js", "icons/btc.svg", "pkg/cnop.min.js", "cnop.Zm9vYmFyYmF6cXV4MTIz.wasm"] {
            assert!(!is_hashed(path), "{path}");
        }
    }

    #[test]
    fn wasm_has_its_type() {
        assert_eq!(content_type("pkg/cnop.abc.wasm"), "application/wasm");
        assert_eq!(content_type("README"), "application/octet-stream");
    }
}
