# Builds the user-service by default, and with --target dev the other programs of docker-compose.yml.
# The tag is the Node of the tests. Renovate adds the digest to it (docker:pinDigests in renovate.json) and renews both.
FROM node:24.21.0-slim AS base
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

FROM base AS dependencies
COPY patches patches
# patch-package is an optional dependency: `npm ci` runs it, and the service does not need it.
# --build-arg INCLUDE=dev adds the playground, the page /docs and the log format of terminals.
ARG INCLUDE=prod
RUN npm ci --omit=dev --include=$INCLUDE && npm prune --ignore-scripts --omit=dev --omit=optional --include=$INCLUDE

FROM base AS dev
RUN npm ci --ignore-scripts
COPY schema schema
COPY src src
COPY dev dev
USER 1000
CMD ["node", "dev/gateway/main.ts"]

FROM base AS production
LABEL org.opencontainers.image.title="user-service" \
      org.opencontainers.image.description="Badges, learning goals and a learning tracker: a federated GraphQL subgraph with a REST API" \
      org.opencontainers.image.licenses="MIT"
# --max-semi-space-size: with a container memory limit, Node.js limits the young generation to 1 MB and garbage collection
# takes more CPU. --max-old-space-size: the heap, in MB, of a replica in 768 MB; Node.js would take half of the container,
# which leaves too little for buffers. docs/DEPLOYMENT.md has it for more memory. MALLOC_ARENA_MAX: glibc otherwise keeps
# freed memory in an arena for each thread. NODE_COMPILE_CACHE: code that the build compiles, for the CPU type of the build
# machine, saves start time and memory. docs/PERFORMANCE.md has the measurements.
# OPERATIONS_PORT: the port of health and metrics.
ENV NODE_ENV=production \
    NODE_OPTIONS="--max-semi-space-size=16 --max-old-space-size=256" \
    MALLOC_ARENA_MAX=2 \
    NODE_COMPILE_CACHE=/app/.compiled \
    OPERATIONS_PORT=4003
COPY --from=dependencies /app/node_modules node_modules
COPY drizzle drizzle
COPY schema schema
COPY src src
RUN mkdir --mode=1777 .compiled
# The user `node` of the base image. Kubernetes' runAsNonRoot accepts no names.
USER 1000
# Runs the server, the migration and the cut-over without configuration: they fail with a message that names DATABASE_URL,
# after Node.js has filled the compile cache. The cache is valid only for the same user and the same Node.js options; sizes
# of the heap may differ.
RUN for program in "--no-allocation-site-pretenuring --min-semi-space-size=16 --heap-growing-percent=60 src/main.ts" \
    src/migrate.ts "src/cutover.ts inspect"; do node $program; done 2>&1 | grep DATABASE_URL && chmod -R a-w .compiled/*
EXPOSE 4002 4003
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.OPERATIONS_PORT || process.env.PORT || 4002}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# --no-allocation-site-pretenuring: V8 predicts from the first seconds which objects are long-lived. Requests that queue at
# a new replica make the prediction wrong, and the process stays slower. --min-semi-space-size: V8 shrinks the young
# generation in idle seconds and grows it again during the next requests. --heap-growing-percent: with a heap of this size,
# V8 starts a full collection when 30% more is allocated. docs/PERFORMANCE.md has the measurements.
CMD ["node", "--no-allocation-site-pretenuring", "--min-semi-space-size=16", "--heap-growing-percent=60", "src/main.ts"]
