# A static binary, the certificates of authorities, and a user: no shell, no other program. A project is mounted:
#   docker run --rm -v "$PWD:/work" --user "$(id -u):$(id -g)" scfctl deploy --local
# Hooks (`src.hook`) and gates by a command need a shell: copy /usr/bin/scfctl into an image that has one.
ARG RUST=1.95.0

FROM rust:${RUST}-alpine AS build
# hadolint ignore=DL3018
RUN apk add --no-cache bash ca-certificates musl-dev
WORKDIR /scfctl
COPY . .
RUN packaging/build "$(uname -m)-unknown-linux-musl" /built

FROM build AS image
RUN packaging/image/files /built/scfctl /image

FROM scratch
COPY --from=image /image/root /
COPY --from=image --chown=65532:65532 /image/own /
USER 65532:65532
WORKDIR /work
ENV HOME=/home/scfctl PATH=/usr/bin
ENTRYPOINT ["/usr/bin/scfctl"]
CMD ["--help"]
