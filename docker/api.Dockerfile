# The HTTP API: Node, the built JavaScript, its production packages and ONNX Runtime, which uploads are inspected with.
# No tensor library, no compiler, no Python.
FROM node:24-bookworm-slim AS build
WORKDIR /engram
COPY . .
# Everything to build with, then only what the API runs with. The packages of other platforms and the tensor library,
# whose types alone it uses, are left out.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --no-audit --no-fund \
 && TURBO_TELEMETRY_DISABLED=1 npx turbo run build --filter=@engram/api... \
 && npm ci --no-audit --no-fund --omit=dev --workspace=@engram/api \
 && rm -rf node_modules/@tensorflow node_modules/onnxruntime-node/bin/*/darwin node_modules/onnxruntime-node/bin/*/win32
# Fails the build, not the start, when something it loads was left out.
RUN node --input-type=module --eval "await import('@engram/api')"

FROM node:24-bookworm-slim
ENV NODE_ENV=production ENGRAM_DATA_DIR=/var/lib/engram ENGRAM_HOST=0.0.0.0 ENGRAM_PORT=7373
WORKDIR /engram
COPY --from=build /engram /engram
# 1000 is the user `node` of the image. Only the data folder is its own.
RUN install -d -o 1000 -g 1000 /var/lib/engram
USER 1000
VOLUME /var/lib/engram
EXPOSE 7373
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.ENGRAM_PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
CMD ["node", "--enable-source-maps", "apps/api/dist/main.js"]
