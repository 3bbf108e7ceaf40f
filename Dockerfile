# Every image of the project:
#
#   docker build --target api      -t whatsapp-sender-api .         also runs services/canary/src/main.ts
#   docker build --target consumer -t whatsapp-sender-consumer .
#   docker build --target operator -t whatsapp-sender-operator .
#   docker build --target topics   -t whatsapp-sender-topics .      makes the Kafka topics, and ends
#   docker build --target sandbox  -t whatsapp-sender-sandbox .     stands in for Evolution API
#
# They need no shell, no npm, no capability and no writable root: `docker run --read-only --tmpfs /tmp --cap-drop ALL`.
# They hold Node.js, the libraries that it is linked with, and what is said below, and nothing else.
# To pin where Node.js comes from: --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:…
ARG NODE_IMAGE=node:24-bookworm-slim

# --- what npm reads, so that packages are installed anew only when it changes ------------------------------------------
FROM ${NODE_IMAGE} AS workspace
# The flags of ENTRYPOINT below, and the API has its own: what is compiled under other flags is not used.
ARG NODE_FLAGS="--disable-warning=TimeoutNegativeWarning --max-old-space-size=512 --no-parallel-scavenge --max-semi-space-size=32"
ENV NPM_CONFIG_UPDATE_NOTIFIER=false
WORKDIR /app
# Belongs to the user whose processes will read it: Node.js keeps the compiled code of each user apart.
RUN install -d -o 10001 -g 10001 .compile-cache
COPY package.json package-lock.json .npmrc ./

FROM workspace AS packages
COPY packages/client/package.json packages/client/
COPY packages/contract/package.json packages/contract/
COPY packages/evolution-client/package.json packages/evolution-client/
COPY packages/outgoing/package.json packages/outgoing/
COPY packages/service-runtime/package.json packages/service-runtime/
COPY packages/store/package.json packages/store/

# --- one stage per image: its packages, its sources, its compiled code --------------------------------------------------
# `optional` are the Node.js binaries of a machine without Docker. Maps and type declarations, a third of all packages, are
# for those who change them. Importing all of it proves that nothing is missing.
FROM packages AS api-files
ARG NODE_FLAGS="--disable-warning=TimeoutNegativeWarning --max-old-space-size=512 --no-parallel-scavenge --max-semi-space-size=8 --liftoff-only"
COPY services/api/package.json services/api/
COPY services/canary/package.json services/canary/
RUN npm ci --omit=dev --omit=optional --workspace=services/api --workspace=services/canary
RUN find node_modules -type f -regex '.*\.\(map\|d\.[mc]?ts\)' -delete
COPY packages packages
COPY services/api services/api
COPY services/canary services/canary
COPY docs/errors docs/errors
USER 10001:10001
RUN NODE_COMPILE_CACHE=/app/.compile-cache node ${NODE_FLAGS} --eval "import('/app/services/api/src/service.ts').then(() => import('/app/services/canary/src/service.ts'))"

FROM packages AS consumer-files
COPY services/consumer/package.json services/consumer/
RUN npm ci --omit=dev --omit=optional --workspace=services/consumer
RUN find node_modules -type f -regex '.*\.\(map\|d\.[mc]?ts\)' -delete
COPY packages packages
COPY services/consumer services/consumer
USER 10001:10001
RUN NODE_COMPILE_CACHE=/app/.compile-cache node ${NODE_FLAGS} --eval "import('/app/services/consumer/src/service.ts')"

FROM packages AS operator-files
ARG NODE_FLAGS="--max-old-space-size=160 --no-parallel-scavenge --max-semi-space-size=2 --liftoff-only --no-opt --no-maglev --optimize-for-size"
COPY infra/package.json infra/
COPY services/operator/package.json services/operator/
RUN npm ci --omit=dev --omit=optional --workspace=services/operator
RUN find node_modules -type f -regex '.*\.\(map\|d\.[mc]?ts\)' -delete
COPY packages packages
COPY infra infra
COPY services/operator services/operator
USER 10001:10001
RUN NODE_COMPILE_CACHE=/app/.compile-cache node ${NODE_FLAGS} --eval "import('/app/services/operator/src/service.ts')"

FROM packages AS topics-files
RUN npm ci --omit=dev --omit=optional --workspace=packages/contract --workspace=packages/service-runtime
RUN find node_modules -type f -regex '.*\.\(map\|d\.[mc]?ts\)' -delete
COPY packages/contract packages/contract
COPY packages/service-runtime packages/service-runtime
COPY sandbox/embedded/create-topics.ts sandbox/embedded/topics.ts sandbox/embedded/
COPY sandbox/embedded/kafka/kafka-admin.ts sandbox/embedded/kafka/
COPY sandbox/process/until.ts sandbox/process/
USER 10001:10001
RUN NODE_COMPILE_CACHE=/app/.compile-cache node ${NODE_FLAGS} --eval "import('/app/sandbox/embedded/topics.ts')"

FROM workspace AS sandbox-files
COPY sandbox/evolution/package.json sandbox/evolution/
RUN npm ci --omit=dev --omit=optional --workspace=sandbox/evolution
RUN find node_modules -type f -regex '.*\.\(map\|d\.[mc]?ts\)' -delete
COPY sandbox/evolution sandbox/evolution
RUN install -d -o 10001 -g 10001 /var/lib/whatsapp-sandbox
USER 10001:10001
RUN NODE_COMPILE_CACHE=/app/.compile-cache node ${NODE_FLAGS} --eval "import('/app/sandbox/evolution/sandbox.ts')"

# --- what runs ----------------------------------------------------------------------------------------------------------
# Names are looked up in /etc/hosts first, which glibc does only where it is told to.
FROM ${NODE_IMAGE} AS node
RUN install -d -m 1777 /runtime/tmp && install -d /runtime/etc \
  && ldd "$(command -v node)" | grep -o '/[^ ]*' | xargs cp --dereference --parents --target-directory=/runtime \
  && echo 'app:x:10001:10001::/tmp:/none' > /runtime/etc/passwd \
  && echo 'hosts: files dns' > /runtime/etc/nsswitch.conf

FROM scratch AS runtime
LABEL org.opencontainers.image.title="WhatsApp Sender" org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/usr/local/bin NODE_ENV=production NODE_COMPILE_CACHE=/app/.compile-cache MALLOC_ARENA_MAX=1 HOST=0.0.0.0
COPY --from=node /runtime /
COPY --from=node /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY LICENSE NOTICE ./
USER 10001:10001
ENTRYPOINT ["node", "--disable-warning=TimeoutNegativeWarning", "--max-old-space-size=512", "--no-parallel-scavenge", "--max-semi-space-size=32"]

FROM runtime AS service
EXPOSE 9464
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:' + (process.env.METRICS_PORT || 9464) + '/readyz').then((res) => process.exit(res.ok ? 0 : 1), () => process.exit(1))"]

FROM service AS api
COPY --from=api-files /app /app
EXPOSE 8000
ENTRYPOINT ["node", "--disable-warning=TimeoutNegativeWarning", "--max-old-space-size=512", "--no-parallel-scavenge", "--max-semi-space-size=8", "--liftoff-only"]
CMD ["services/api/src/main.ts"]

FROM service AS consumer
COPY --from=consumer-files /app /app
CMD ["services/consumer/src/main.ts"]

FROM service AS operator
COPY --from=operator-files /app /app
ENTRYPOINT ["node", "--max-old-space-size=160", "--no-parallel-scavenge", "--max-semi-space-size=2", "--liftoff-only", "--no-opt", "--no-maglev", "--optimize-for-size"]
CMD ["services/operator/src/main.ts"]

# For `skaffold dev`: sources can be exchanged while they run, for which it needs `tar` there, and each change begins the
# program anew.
FROM ${NODE_IMAGE} AS dev
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compile-cache MALLOC_ARENA_MAX=1 HOST=0.0.0.0
WORKDIR /app
COPY LICENSE NOTICE ./
USER 10001:10001

FROM dev AS api-dev
COPY --from=api-files --chown=10001:10001 /app /app
EXPOSE 8000
ENTRYPOINT ["node", "--disable-warning=TimeoutNegativeWarning", "--max-old-space-size=512", "--no-parallel-scavenge", "--max-semi-space-size=8", "--liftoff-only", "--watch"]
CMD ["services/api/src/main.ts"]

FROM dev AS consumer-dev
COPY --from=consumer-files --chown=10001:10001 /app /app
ENTRYPOINT ["node", "--disable-warning=TimeoutNegativeWarning", "--max-old-space-size=512", "--no-parallel-scavenge", "--max-semi-space-size=32", "--watch"]
CMD ["services/consumer/src/main.ts"]

FROM runtime AS topics
COPY --from=topics-files /app /app
CMD ["sandbox/embedded/create-topics.ts"]

FROM runtime AS sandbox
COPY --from=sandbox-files /app /app
COPY --from=sandbox-files --chown=10001:10001 /var/lib/whatsapp-sandbox /var/lib/whatsapp-sandbox
ENV SANDBOX_STATE_DIR=/var/lib/whatsapp-sandbox
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:' + (process.env.SANDBOX_PORT || 8080) + '/').then((res) => process.exit(res.ok ? 0 : 1), () => process.exit(1))"]
CMD ["sandbox/evolution/main.ts"]
