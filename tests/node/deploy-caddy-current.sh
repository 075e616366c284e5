#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What deploy.sh tries, with the Caddy of tests/tools.
# shellcheck disable=SC1091,SC2034  # it uses them

engine=caddy tool=caddy
. "$(dirname "$0")/deploy.sh"
