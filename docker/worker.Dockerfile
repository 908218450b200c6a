# A worker on the CPU, or with DEVICE=cuda on NVIDIA GPUs: Node, the built JavaScript, libtensorflow with its addon, and
# ONNX Runtime. The native library is taken from TensorFlow's own wheel while building, so that starting needs no network.
ARG DEVICE=cpu
FROM node:24-bookworm-slim AS build
ARG DEVICE
ENV ENGRAM_CACHE_DIR=/opt/engram-native
WORKDIR /engram
# Debian keeps one version of a package at a time: a pinned one would be gone tomorrow.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates g++ python3 python3-pip \
 && rm -rf /var/lib/apt/lists/*
COPY . .
RUN --mount=type=cache,target=/root/.npm \
    npm ci --no-audit --no-fund \
 && TURBO_TELEMETRY_DISABLED=1 npx turbo run build --filter=@engram/worker... --filter=@engram/cli... \
 && npm ci --no-audit --no-fund --omit=dev --workspace=@engram/worker --workspace=@engram/cli \
 && rm -rf node_modules/onnxruntime-node/bin/*/darwin node_modules/onnxruntime-node/bin/*/win32
# The download (274 MB, or several GB with CUDA) outlives a change of the sources in a cache of the builder's. Set-up
# falls back to an old binary where the wheel cannot be had; an image is not built on that.
RUN --mount=type=cache,target=/var/cache/engram \
    mkdir -p "/var/cache/engram/$DEVICE" \
 && cp -a "/var/cache/engram/$DEVICE" "$ENGRAM_CACHE_DIR" \
 && node apps/cli/bin/engram.js setup --device "$DEVICE" --without-redis \
 && cp -a "$ENGRAM_CACHE_DIR/." "/var/cache/engram/$DEVICE/" \
 && grep -q '"source": "wheel"' node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/engram.json \
 && node --input-type=module --eval "(await (await import('@engram/engine')).openEngine({ device: 'cpu' })).close()"

FROM node:24-bookworm-slim
ARG DEVICE
ENV NODE_ENV=production ENGRAM_DATA_DIR=/var/lib/engram ENGRAM_CACHE_DIR=/opt/engram-native ENGRAM_DEVICE=$DEVICE \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
WORKDIR /engram
COPY --from=build /engram /engram
COPY --from=build /opt/engram-native /opt/engram-native
# 1000 is the user `node` of the image. Only the data folder is its own.
RUN install -d -o 1000 -g 1000 /var/lib/engram
USER 1000
VOLUME /var/lib/engram
# A task may run for a while: on SIGTERM the worker gives its task back to the queue and stops.
STOPSIGNAL SIGTERM
CMD ["node", "--enable-source-maps", "apps/worker/dist/main.js"]
