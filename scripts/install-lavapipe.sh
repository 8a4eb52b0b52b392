#!/usr/bin/env bash
# Gets lavapipe, Mesa's Vulkan driver in software, on Debian and its kin.
#
# Dawn needs a Mesa that Debian 12 has among its backports alone. That one is unpacked, with what it needs
# and the system lacks, into .cache/lavapipe of the project: packages and sources of the system stay as they
# are, and nobody needs to be root. Where the release itself has such a Mesa, root installs that.
set -euo pipefail

package=mesa-vulkan-drivers
# The oldest that is known to do; 22.3 does not.
least=25
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
backports=$codename-backports
folder=$(cd "$(dirname "$0")/.." && pwd)/.cache/lavapipe

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{apt/lists/partial,apt/archives/partial,root}
if [[ -f /etc/apt/sources.list ]]; then cp /etc/apt/sources.list "$work/sources.list"; fi

# apt-$1, with lists and archives of its own.
apt() {
  local command=apt-$1
  shift
  "$command" -o Dir::State="$work/apt" -o Dir::Cache="$work/apt" \
    -o Dir::Etc::SourceList="$work/sources.list" -o Debug::NoLocking=1 -o APT::Sandbox::User= \
    -o Acquire::Languages=none "$@"
}

# SITE|CODENAME|COMPONENT of every source.
sources() {
  apt get indextargets --format '$(SITE)|$(CODENAME)|$(COMPONENT)' 'Identifier: Packages'
}

apt get update -qq
candidate=$(LC_ALL=C apt cache policy "$package" | sed -n 's/^  Candidate: //p')
release=()
if [[ $candidate == [0-9]* ]] && dpkg --compare-versions "$candidate" ge "$least"; then
  if ((EUID == 0)); then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "$package"
    exit
  fi
else
  release=(-t "$backports")
  if ! grep -q "|$backports|main$" <<<"$(sources)"; then
    site=$(sed -n "s/|$codename|main$//p" <<<"$(sources)" | head -n 1)
    if [[ -z $site ]]; then
      echo "no source of apt has $codename/main, on whose mirror its backports would be" >&2
      exit 1
    fi
    echo "deb $site $backports main" >>"$work/sources.list"
    apt get update -qq
  fi
fi

apt get install -y -qq --download-only --reinstall --no-install-recommends "${release[@]}" "$package"
for archive in "$work"/apt/archives/*.deb; do
  # One C library to a process: the system's.
  if [[ ${archive##*/} != libc6_* ]]; then dpkg-deb -x "$archive" "$work/root"; fi
done

rm -rf "$folder"
mkdir -p "$folder/lib"
# Not the drivers of other devices, which come with it.
find "$work/root" -name 'libvulkan_*' ! -name libvulkan_lvp.so -delete
find "$work/root" -path '*/lib/*-linux-gnu/*' -name '*.so*' ! -name '*.py' -exec mv -t "$folder/lib" {} +
sed "s|\"library_path\": *\"[^\"]*\"|\"library_path\": \"$folder/lib/libvulkan_lvp.so\"|" \
  "$work"/root/usr/share/vulkan/icd.d/lvp_icd*.json >"$folder/lvp_icd.json"
test -f "$folder/lib/libvulkan_lvp.so"
