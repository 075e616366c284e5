#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What killed.sh tries, with Traefik.
# shellcheck disable=SC1091,SC2034  # it uses them

engine=traefik tool=traefik
. "$(dirname "$0")/killed.sh"
