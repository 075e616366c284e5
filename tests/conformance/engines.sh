#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The same requests to the same sites on nginx, Caddy and Traefik: see run.mjs.

cd "$(dirname "$0")/../.." || exit 1
exec node tests/conformance/run.mjs "${OUT:-build}/tests/conformance/render"
