#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What killed.sh tries, with Caddy.
# shellcheck disable=SC1091,SC2034  # it uses them

engine=caddy
. "$(dirname "$0")/killed.sh"
