# syntax=docker/dockerfile:1
# Builds the one binary and ships it alone: no shell, no package manager, not root.

FROM node:24-bookworm-slim AS node

FROM rust:1.95.0-slim-bookworm AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# The image has the pinned compiler: the components that only checks need are not fetched.
ENV RUSTUP_TOOLCHAIN=1.95.0
# Debian's own npm is too old: it leaves out Tailwind's native package without an error.
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -sf ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /source
# Tools change seldom: their layer stays valid when only sources change.
COPY Cargo.lock package.json package-lock.json rust-toolchain.toml ./
COPY scripts scripts
RUN scripts/setup.sh build
COPY . .
RUN scripts/build.sh && install -D target/release/cnop /out/cnop && mkdir /out/data

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /out/cnop /usr/local/bin/cnop
COPY --from=build --chown=65532:65532 /out/data /data
ENV CNOP_DATA_DIR=/data \
    CNOP_LISTEN=0.0.0.0:3000
VOLUME /data
EXPOSE 3000
USER 65532:65532
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/usr/local/bin/cnop", "health"]
ENTRYPOINT ["/usr/local/bin/cnop"]
CMD ["serve"]
