#!/usr/bin/env bash
# Installs lavapipe, Mesa's Vulkan driver in software, on Debian and its kin; to be run as root.
#
# Dawn needs a Mesa that Debian 12 has among its backports alone. Those are on the mirror that apt
# takes the release itself from.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

package=mesa-vulkan-drivers
# The oldest that is known to do; 22.3 does not.
least=25
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
backports=$codename-backports

# SITE|CODENAME|COMPONENT of every source.
sources() {
  apt-get indextargets --format '$(SITE)|$(CODENAME)|$(COMPONENT)' 'Identifier: Packages'
}

apt-get update -qq
candidate=$(LC_ALL=C apt-cache policy "$package" | sed -n 's/^  Candidate: //p')
if [[ $candidate == [0-9]* ]] && dpkg --compare-versions "$candidate" ge "$least"; then
  apt-get install -y -qq --no-install-recommends "$package"
  exit
fi

if ! grep -q "|$backports|main$" <<<"$(sources)"; then
  site=$(sed -n "s/|$codename|main$//p" <<<"$(sources)" | head -n 1)
  if [[ -z $site ]]; then
    echo "no source of apt has $codename/main, on whose mirror its backports would be" >&2
    exit 1
  fi
  echo "deb $site $backports main" >"/etc/apt/sources.list.d/$backports.list"
  apt-get update -qq
fi
apt-get install -y -qq --no-install-recommends -t "$backports" "$package"
