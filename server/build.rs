//! Passes the location of the built site to the embedding macro, and triggers a rebuild when it has changed.

use std::env;
use std::path::{Path, PathBuf};

/// Folder of the built site, relative to the workspace, unless LEPTOS_SITE_ROOT names another.
const SITE_ROOT: &str = "target/site";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=LEPTOS_SITE_ROOT");
    if env::var_os("CARGO_FEATURE_EMBED_SITE").is_none() {
        return;
    }
    let root = env::var_os("LEPTOS_SITE_ROOT").map_or_else(|| PathBuf::from(SITE_ROOT), PathBuf::from);
    let package = env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from);
    let workspace = package.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    let root = workspace.join(root);
    println!("cargo:rerun-if-changed={}", root.display());
    println!("cargo:rustc-env=SITE_ROOT_EMBEDDED={}", root.display());
    if !root.join("pkg").is_dir() {
        println!("cargo:warning=there is no site in {}: build with `make build`", root.display());
    }
}
