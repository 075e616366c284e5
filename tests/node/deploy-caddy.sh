#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What deploy.sh tries, with the distribution's Caddy.
# shellcheck disable=SC1091,SC2034  # it uses them

engine=caddy
. "$(dirname "$0")/deploy.sh"
