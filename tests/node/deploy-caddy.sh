#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What deploy.sh tries, with the distribution's Caddy.

engine=caddy
. "$(dirname "$0")/deploy.sh"
