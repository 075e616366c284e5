#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What deploy.sh tries, with Traefik.

engine=traefik tool=traefik
. "$(dirname "$0")/deploy.sh"
