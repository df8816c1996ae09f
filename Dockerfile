# syntax=docker/dockerfile:1
# Builds the one binary and ships it alone: no shell, no package manager, not root.

FROM rust:1.95-slim-bookworm AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# The versions of these packages follow the base image.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make nodejs npm pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# The tools change seldom: a layer of their own keeps them when only the sources change.
COPY Cargo.lock ./
COPY scripts scripts
COPY style/package.json style/
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
