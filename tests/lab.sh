#!/bin/sh
# Collects a recorded run of the lab into a store, with an origin for each entry of log_streams in its topology.json.
# Of topology.json only log_streams and gateways are read: actors and credentials belong to the truth.
# usage: [BIN=FOLDER-OF-PROGRAMS] tests/lab.sh RUN STORE [OPTION...]: options go to `onetrail collect`
set -eu
if [ $# -lt 2 ]; then
	sed -n 's/^# usage: /usage: /p' "$0" >&2
	exit 2
fi
run=$1 store=$2
shift 2
: "${BIN:=$(dirname "$0")/../build}"
config=$(mktemp)
trap 'rm -f "$config"' EXIT

python3 - "$run" >"$config" <<'PYTHON'
import json, os, sys

# What sort of system a product is, where it is no API gateway.
KINDS = {"nginx-lua": "ai-gateway", "llm-gateway": "ai-gateway", "portkey": "ai-gateway", "litellm": "ai-gateway",
         "supergateway": "mcp-gateway", "squid": "proxy"}

run = os.path.abspath(sys.argv[1])
with open(os.path.join(run, "topology.json"), encoding="utf-8") as f:
    topology = json.load(f)
gateways = topology["gateways"]


def gateway_of(origin):
    """The gateway whose name the origin has, or begins with: haproxy for haproxy-edge."""
    names = [name for name in gateways if origin == name or origin.startswith(name + "-")]
    return max(names, key=len) if names else None


origins = []
for name, streams in topology["log_streams"].items():
    product = gateway_of(name)
    addresses = [gateways[product].get(key) for key in ("ip", "egress")] if product else []
    origins.append({"name": name, "kind": KINDS.get(product or name, "gateway"),
                    "addresses": sorted({a for a in addresses if a}),
                    "sources": [{"path": os.path.join(run, stream["file"])} for stream in streams]})
if os.path.exists(os.path.join(run, "loopback.pcap")):  # the tap sees both sides of every gateway
    origins.append({"name": "tap-1", "kind": "wire", "addresses": sorted({g[key] for g in gateways.values() for key in ("ip", "egress") if g.get(key)}),
                    "sources": [{"path": os.path.join(run, "loopback.pcap")}]})
json.dump({"origins": origins}, sys.stdout, indent=1)
PYTHON
"$BIN/onetrail" --store "$store" collect --config "$config" --once "$@"
