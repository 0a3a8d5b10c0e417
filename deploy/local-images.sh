#!/usr/bin/env bash
# Makes stand-ins for the images that deploy/*Dockerfile and docker-compose.yml start from, for a machine that cannot
# pull images: a Debian base by debootstrap, Postgres and Redis from Debian's packages, Go from this machine's own
# toolchain. Needs root, debootstrap and a running docker. They are for trying the compose file, not for production.
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/local-images
suite=bookworm
go_image=golang:1.25-bookworm

# Debian as this machine knows it: the same mirror, certificates and apt settings, so that builds reach what it reaches.
make_debian() {
  local root
  root=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$root'" RETURN
  debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"}
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
  echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/80local"
  tar -C "$root" -c . | docker import - debian:bookworm-slim
}

make_go() {
  local goroot
  goroot=$(go env GOROOT)
  docker build --network host -t "$go_image" -f "$here/golang.Dockerfile" "$goroot"
}

have() { docker image inspect "$1" >/dev/null 2>&1; }

have debian:bookworm-slim || make_debian
have "$go_image" || make_go
for name in postgres redis; do
  docker build --network host -t "$(sed -n 's/^# stands in for //p' "$here/$name.Dockerfile")" \
    -f "$here/$name.Dockerfile" "$here"
done
docker image ls
