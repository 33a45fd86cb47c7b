# One image for every service: ORBIT_APP says which one a container runs.
#
#   docker build -t orbit-billing .                          the services
#   docker build -t orbit-billing-migrate --target migrate . migrations and topics, then exit
#   docker run -e ORBIT_APP=gateway --env-file … orbit-billing

ARG NODE_VERSION=20.20.2

# Only what npm needs to install, so that a change of code does not install again.
FROM node:${NODE_VERSION}-bookworm-slim AS manifests
WORKDIR /src
COPY . .
RUN mkdir /manifests \
  && find package.json package-lock.json apps libs sandboxes -name 'package*.json' -not -path '*/node_modules/*' \
     -exec cp --parents '{}' /manifests \;

FROM node:${NODE_VERSION}-bookworm-slim AS build
# No dependency reports to its maker that it is installed or runs here.
ENV SCARF_ANALYTICS=false DO_NOT_TRACK=1 CHECKPOINT_DISABLE=1
WORKDIR /app
COPY --from=manifests /manifests ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# The client's generator needs no engine; the CLI would download one.
RUN node tools/prisma-client.mjs && node tools/build.mjs

# Runs once before the services and exits: it needs Prisma's schema engine, which the services do not.
FROM build AS migrate
ENV NODE_ENV=production
USER node
CMD ["node", "tools/migrate.mjs"]

FROM build AS compiled
RUN find apps libs sandboxes -type d -name src -prune -exec rm -rf {} +

FROM node:${NODE_VERSION}-bookworm-slim AS dependencies
ENV SCARF_ANALYTICS=false DO_NOT_TRACK=1
WORKDIR /app
COPY --from=manifests /manifests ./
# Prisma's CLI and the compiler come along as optional peers of the client; nothing runs them here.
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/prisma node_modules/typescript node_modules/@prisma/studio-core

# Last, so that `docker build .` makes it.
FROM node:${NODE_VERSION}-bookworm-slim AS service
ARG APP=gateway
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-semi-space-size=64 \
    ORBIT_ENV=production \
    ORBIT_APP=${APP}
WORKDIR /app
COPY --from=dependencies /app ./
COPY --from=compiled /app/libs ./libs
COPY --from=compiled /app/apps ./apps
# A development server, not a service: it lives elsewhere and runs the same way.
COPY --from=compiled /app/sandboxes/stripe ./apps/stripe-sandbox
COPY tools/health-probe.mjs tools/health-probe.mjs
USER node
# A service is ready when its own stores answer; `docker compose` starts its followers then.
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=6 \
  CMD ["node", "tools/health-probe.mjs"]
STOPSIGNAL SIGTERM
# exec: the service is process 1's child under --init, or process 1 itself, and hears SIGTERM.
CMD ["sh", "-c", "exec node apps/${ORBIT_APP}/dist/main.js"]
