#!/bin/sh
# Makes the files of a new cluster, once, and gives each volume what is its own:
#   waggle-init HOST...        one host per replica; WAGGLE_PROTOCOL is the chain's protocol
# /new/public      genesis.toml, cluster.toml, targets.json (for Prometheus); for everybody
# /new/replica-N   waggled.toml and the keys of replica N
# /new/data-N      the marker of a first start
# /new/client      client.key and its number file
# Runs as root, because new volumes belong to root. genesis.toml comes last: where it is, all is there.
set -eu

if [ -e /new/public/genesis.toml ]; then
  echo "the cluster exists already"
  exit 0
fi
made=/new/made
rm -rf "$made"
hosts=$(IFS=,; echo "$*")
WAGGLE_CLUSTER=$made waggle testnet init --hosts "$hosts" --protocol "${WAGGLE_PROTOCOL:-pbeegees}"

targets=
id=0
for host; do
  install -m 644 "$made/replica-$id/waggled.toml" "/new/replica-$id/"
  install -m 600 "$made/replica-$id/consensus.key" "$made/replica-$id/tls.key" "/new/replica-$id/"
  install -d "/new/replica-$id/data"
  # Never over a replica that has run: its volume has outlived the others.
  if [ -n "$(find "/new/data-$id" -mindepth 1 ! -name FRESH)" ]; then
    echo "replica $id has data of an older cluster; remove all volumes of that one first" >&2
    exit 1
  fi
  install -m 644 "$made/replica-$id/data/FRESH" "/new/data-$id/"
  chown -R waggle:waggle "/new/replica-$id" "/new/data-$id"
  targets="$targets${targets:+, }{\"targets\": [\"$host:7402\"], \"labels\": {\"replica\": \"$id\"}}"
  id=$((id + 1))
done
install -m 600 "$made/client.key" "$made/client.numbers" /new/client/
chown -R waggle:waggle /new/client

install -d /new/public/replica
echo "[$targets]" >/new/public/targets.json
install -m 644 "$made/cluster.toml" /new/public/
install -m 644 "$made/genesis.toml" /new/public/genesis.toml.part
chown -R waggle:waggle /new/public
mv /new/public/genesis.toml.part /new/public/genesis.toml
rm -rf "$made"
