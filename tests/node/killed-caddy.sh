#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What killed.sh tries, with Caddy.

engine=caddy
. "$(dirname "$0")/killed.sh"
