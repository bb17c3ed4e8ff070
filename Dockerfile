# The user-service (the default target), and with --target dev what surrounds it in docker-compose.yml.
FROM node:24.21.0-slim AS base
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

FROM base AS dependencies
COPY patches patches
RUN npm ci --omit=dev --omit=optional

FROM base AS dev
RUN npm ci --ignore-scripts
COPY schema schema
COPY src src
COPY dev dev
USER node
CMD ["node", "dev/gateway/main.ts"]

FROM base AS production
LABEL org.opencontainers.image.title="user-service" \
      org.opencontainers.image.description="Badges and learning goals: a federated GraphQL subgraph with a REST shim" \
      org.opencontainers.image.licenses="MIT"
# In a container with a memory limit Node would keep young objects in 1 MB and take three times the CPU. The sources are
# compiled ahead for a CPU such as the one that builds: a quarter less time to start, 15 MB less to run (docs/PERFORMANCE.md).
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-semi-space-size=16 \
    NODE_COMPILE_CACHE=/app/.compiled
COPY --from=dependencies /app/node_modules node_modules
COPY drizzle drizzle
COPY schema schema
COPY src src
RUN mkdir --mode=1777 .compiled
USER node
# Without a configuration each says what it lacks, and has been compiled. What one user has compiled is not another's, nor is
# what was compiled with other options.
RUN for program in "--no-allocation-site-pretenuring --min-semi-space-size=16 src/main.ts" src/migrate.ts src/cutover.ts; \
    do node $program; done 2>&1 | grep DATABASE_URL && chmod -R a-w .compiled/*
EXPOSE 4002
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 4002}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# V8 would decide by the first seconds which objects are long-lived. If requests queue up just then, as they do for a new
# replica, it decides so for most of what a request makes, and the process stays slower by a third. It also gives back the
# room for young objects in a few quiet seconds, and gathers it again at the cost of the next requests (docs/PERFORMANCE.md).
CMD ["node", "--no-allocation-site-pretenuring", "--min-semi-space-size=16", "src/main.ts"]
