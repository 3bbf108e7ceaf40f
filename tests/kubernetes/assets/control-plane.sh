#!/usr/bin/env bash
# control-plane.sh up DIR     starts etcd, kube-apiserver and kube-controller-manager on free
#                             loopback ports; prints `export KUBECONFIG=…` for eval
# control-plane.sh down DIR   stops what up started; fine to repeat
# control-plane.sh apiserver-down DIR, apiserver-up DIR
#                             an outage of the API server alone: address and data are kept
#
# DIR keeps certificates, logs and pids. `up` on a running DIR only prints the exports; otherwise
# it starts with an empty etcd. KUBE_APISERVER_ADDRESS (127.0.0.1) is where the API server listens;
# KUBE_APISERVER_FLAGS adds flags. KUBE_TEST_OWNER is a pid: when that process is gone, however it
# ended, `down` follows and DIR is removed. No root. Needs openssl and the set control-plane of
# get-binaries.sh.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
[[ $# -eq 2 ]] || usage
mkdir -p "$2"
dir=$(cd "$2" && pwd)
pki=$dir/pki address=${KUBE_APISERVER_ADDRESS:-127.0.0.1}

make_pki() {
  [[ -e $pki/sa.pub ]] && return
  mkdir -p "$pki"
  (
    umask 077
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=test-ca \
      -keyout "$pki/ca.key" -out "$pki/ca.crt" 2>/dev/null
    openssl ecparam -name prime256v1 -genkey -noout -out "$pki/sa.key"
  )
  certificate "$pki" apiserver /CN=kube-apiserver serverAuth \
    "IP:127.0.0.1,IP:$bridge_ip,IP:$service_first_ip,DNS:localhost,DNS:kubernetes.default.svc"
  certificate "$pki" admin /O=system:masters/CN=admin clientAuth
  certificate "$pki" front-proxy /CN=front-proxy clientAuth
  openssl ec -in "$pki/sa.key" -pubout -out "$pki/sa.pub" 2>/dev/null
}

start_etcd() {
  local port=$1
  start "$dir" etcd "$(binary etcd)" --data-dir "$dir/etcd-data" --unsafe-no-fsync --log-level warn \
    --listen-client-urls "http://127.0.0.1:$port" --advertise-client-urls "http://127.0.0.1:$port" \
    --listen-peer-urls "http://127.0.0.1:$((port + 1))" \
    --initial-advertise-peer-urls "http://127.0.0.1:$((port + 1))" \
    --initial-cluster "default=http://127.0.0.1:$((port + 1))"
}

start_apiserver() {
  local port reconciler=lease extra
  port=$(cat "$dir/port")
  read -ra extra <<<"${KUBE_APISERVER_FLAGS:-}"
  # The endpoint reconciler (it makes pods find the API server) refuses a loopback address.
  if [[ $address == 127.* ]]; then reconciler=none; fi
  start "$dir" kube-apiserver "$(binary kube-apiserver)" --etcd-servers "http://127.0.0.1:$port" \
    --bind-address "$address" --advertise-address "$address" --secure-port $((port + 2)) \
    --tls-cert-file "$pki/apiserver.crt" --tls-private-key-file "$pki/apiserver.key" \
    --client-ca-file "$pki/ca.crt" --authorization-mode Node,RBAC \
    --service-account-issuer https://kubernetes.default.svc \
    --service-account-key-file "$pki/sa.pub" --service-account-signing-key-file "$pki/sa.key" \
    --service-cluster-ip-range "$service_cidr" --endpoint-reconciler-type "$reconciler" \
    --enable-admission-plugins NodeRestriction --allow-privileged --profiling=false \
    --kubelet-client-certificate "$pki/admin.crt" --kubelet-client-key "$pki/admin.key" \
    --kubelet-preferred-address-types InternalIP \
    --requestheader-client-ca-file "$pki/ca.crt" --requestheader-allowed-names front-proxy \
    --requestheader-username-headers X-Remote-User --requestheader-group-headers X-Remote-Group \
    --requestheader-extra-headers-prefix X-Remote-Extra- \
    --proxy-client-cert-file "$pki/front-proxy.crt" --proxy-client-key-file "$pki/front-proxy.key" "${extra[@]}"
  wait_for "$dir" kube-apiserver 120 "$(binary kubectl)" get --raw /readyz
}

start_manager() {
  start "$dir" kube-controller-manager "$(binary kube-controller-manager)" --kubeconfig "$KUBECONFIG" --secure-port 0 \
    --leader-elect=false --use-service-account-credentials --profiling=false \
    --service-account-private-key-file "$pki/sa.key" --root-ca-file "$pki/ca.crt" \
    --cluster-signing-cert-file "$pki/ca.crt" --cluster-signing-key-file "$pki/ca.key" \
    --flex-volume-plugin-dir "$dir/volume-plugins" --allocate-node-cidrs --cluster-cidr "$pod_cidr" --service-cluster-ip-range "$service_cidr"
  # Without its ServiceAccount a namespace takes no pods; the controller makes it a moment later.
  wait_for "$dir" kube-controller-manager 30 "$(binary kubectl)" -n default get serviceaccount default
}

# Follows a process that need not be a parent: one that is killed cannot stop anything itself.
follow() {
  # shellcheck disable=SC2016 # the inner shell expands them
  setsid nohup bash -c 'tail --pid="$1" -f /dev/null; [[ ! -d $3 ]] || "$2" down "$3" && rm -rf "$3"' \
    follow "$1" "$here/control-plane.sh" "$dir" >/dev/null 2>&1 </dev/null &
}

up() {
  local port
  need etcd kube-apiserver kube-controller-manager kubectl
  command -v openssl >/dev/null || die "openssl is not on PATH"
  rm -rf "$dir/etcd-data" "$dir/kubectl-cache"
  make_pki
  port=$(free_ports 3)
  echo "$port" >"$dir/port"
  kubeconfig "https://$address:$((port + 2))" "$pki" admin >"$KUBECONFIG"
  if [[ -n ${KUBE_TEST_OWNER:-} ]]; then follow "$KUBE_TEST_OWNER"; fi
  start_etcd "$port"
  start_apiserver
  start_manager
}

stop_apiserver() { stop "$dir" kube-apiserver 2; } # it would wait up to a minute for open watches

down() {
  stop "$dir" kube-controller-manager 0
  stop_apiserver
  stop "$dir" etcd 0
}

export KUBECONFIG=$dir/kubeconfig KUBECACHEDIR=$dir/kubectl-cache
case $1 in
  up)
    if ! alive "$dir" kube-apiserver || ! alive "$dir" etcd || ! alive "$dir" kube-controller-manager; then
      down
      trap down EXIT
      up
      trap - EXIT
    fi
    printf 'export KUBECONFIG=%q\nexport KUBECACHEDIR=%q\n' "$KUBECONFIG" "$KUBECACHEDIR" ;;
  down) down ;;
  apiserver-down) stop_apiserver ;;
  apiserver-up) start_apiserver ;;
  *) usage ;;
esac
