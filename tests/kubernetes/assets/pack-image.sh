#!/usr/bin/env bash
# pack-image.sh NAME:TAG ROOT-FOLDER CONFIG.json IMAGE.tar
#
# Packs a root file system, its owners kept, with the configuration of its image, as tests/cluster
# makes them of the Dockerfile. For a folder of sources alone there is make-image.sh.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
[[ $# -eq 4 && $1 == *:* && -d $2 ]] || usage
docker_archive "$1" "$2" "$(cat "$3")" keep-owners >"$4"
