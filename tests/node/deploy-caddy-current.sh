#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What deploy.sh tries, with the Caddy of tests/tools.

engine=caddy tool=caddy
. "$(dirname "$0")/deploy.sh"
