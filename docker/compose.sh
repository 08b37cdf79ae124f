#!/usr/bin/env bash
# Prints a compose file for N replicas; docker/compose-4.yml and compose-7.yml are what it prints:
#   docker/compose.sh N >docker/compose-N.yml
set -euo pipefail

n=${1:-}
if [[ ! $n =~ ^[1-9][0-9]?$ ]] || (($# != 1)); then
  echo "usage: docker/compose.sh N     1 .. 99 replicas" >&2
  exit 2
fi

hosts=replica-0
for ((i = 1; i < n; ++i)); do hosts+=", replica-$i"; done

cat <<YAML
# $n replicas on one Docker host. Made by docker/compose.sh $n: change that. docs/docker.md tells more.
#   export COMPOSE_FILE=docker/compose-$n.yml COMPOSE_PROJECT_NAME=waggle-$n
#   docker compose build
#   docker compose up -d                     with --profile monitoring before "up": Prometheus and Grafana
#   docker compose run --rm client put city Bern

x-common: &common
  image: \${WAGGLE_IMAGE:-waggle}
  read_only: true
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]
  depends_on: {init: {condition: service_completed_successfully}}
  logging: {driver: json-file, options: {max-size: 10m, max-file: "3"}}

services:
  init:
    image: \${WAGGLE_IMAGE:-waggle}
    build:
      context: ..
      dockerfile: docker/Dockerfile
      network: \${WAGGLE_BUILD_NETWORK:-default}
    user: root
    command: [waggle-init, $hosts]
    environment: {WAGGLE_PROTOCOL: "\${WAGGLE_PROTOCOL:-pbeegees}"}
    network_mode: none
    healthcheck: {disable: true}
    volumes:
      - public:/new/public
      - client:/new/client
YAML
for ((i = 0; i < n; ++i)); do
  echo "      - replica-$i:/new/replica-$i"
  echo "      - data-$i:/new/data-$i"
done
for ((i = 0; i < n; ++i)); do
  cat <<YAML

  replica-$i:
    <<: *common
    environment: {WAGGLE_REPLICA: "$i"}
    volumes: ["public:/waggle:ro", "replica-$i:/waggle/replica:ro", "data-$i:/waggle/replica/data"]
YAML
done
cat <<YAML

  client:
    <<: *common
    profiles: [client]
    entrypoint: [waggle]
    command: [status]
    healthcheck: {disable: true}
    volumes: ["public:/waggle:ro", "client:/client"]

  prometheus:
    image: prom/prometheus:v2.53.2
    profiles: [monitoring]
    depends_on: {init: {condition: service_completed_successfully}}
    ports: ["127.0.0.1:\${WAGGLE_PROMETHEUS_PORT:-9090}:9090"]
    volumes:
      - ./monitoring/prometheus.yml:/etc/prometheus/prometheus.yml:ro
      - ./monitoring/alerts.yml:/etc/prometheus/alerts.yml:ro
      - public:/waggle:ro
      - prometheus:/prometheus

  grafana:
    image: grafana/grafana:11.1.4
    profiles: [monitoring]
    ports: ["127.0.0.1:\${WAGGLE_GRAFANA_PORT:-3000}:3000"]
    environment: {GF_AUTH_ANONYMOUS_ENABLED: "true", GF_ANALYTICS_REPORTING_ENABLED: "false"}
    volumes:
      - ./monitoring/datasource.yml:/etc/grafana/provisioning/datasources/waggle.yml:ro
      - ./monitoring/dashboards.yml:/etc/grafana/provisioning/dashboards/waggle.yml:ro
      - ./monitoring/dashboard.json:/etc/grafana/dashboards/waggle.json:ro
      - grafana:/var/lib/grafana

volumes:
  public:
  client:
YAML
for ((i = 0; i < n; ++i)); do
  echo "  replica-$i:"
  echo "  data-$i:"
done
echo "  prometheus:"
echo "  grafana:"
