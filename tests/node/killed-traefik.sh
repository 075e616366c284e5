#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What killed.sh tries, with Traefik.

engine=traefik tool=traefik
. "$(dirname "$0")/killed.sh"
