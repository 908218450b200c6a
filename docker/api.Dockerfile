# The HTTP API: no tensors, no compiler, no Python. Contains Node, the built JavaScript and production packages.
FROM node:24-bookworm-slim AS build
WORKDIR /engram
COPY . .
RUN npm ci --no-audit --no-fund \
 && npx turbo run build --filter=@engram/api... \
 && npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production ENGRAM_DATA_DIR=/var/lib/engram ENGRAM_HOST=0.0.0.0 ENGRAM_PORT=7373
WORKDIR /engram
COPY --from=build --chown=node:node /engram /engram
RUN install -d -o node -g node /var/lib/engram
USER node
VOLUME /var/lib/engram
EXPOSE 7373
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:7373/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "apps/api/dist/main.js"]
