# A worker on the CPU, or with DEVICE=cuda on NVIDIA GPUs: Node, the built JavaScript, libtensorflow and its addon.
# The native library is taken from TensorFlow's own wheel while building, so that starting needs no network.
ARG DEVICE=cpu
FROM node:24-bookworm-slim AS build
ARG DEVICE
ENV ENGRAM_CACHE_DIR=/opt/engram-native
WORKDIR /engram
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ python3 python3-pip \
 && rm -rf /var/lib/apt/lists/*
COPY . .
RUN npm ci --no-audit --no-fund \
 && npx turbo run build --filter=@engram/worker... --filter=@engram/cli... \
 && node apps/cli/bin/engram.js setup --device "$DEVICE" --without-redis \
 && npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
ARG DEVICE
ENV NODE_ENV=production ENGRAM_DATA_DIR=/var/lib/engram ENGRAM_CACHE_DIR=/opt/engram-native ENGRAM_DEVICE=$DEVICE \
    NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
WORKDIR /engram
COPY --from=build --chown=node:node /engram /engram
COPY --from=build /opt/engram-native /opt/engram-native
RUN install -d -o node -g node /var/lib/engram
USER node
VOLUME /var/lib/engram
# A task may run for a while: on SIGTERM the worker gives its task back to the queue and stops.
STOPSIGNAL SIGTERM
CMD ["node", "--enable-source-maps", "apps/worker/dist/main.js"]
