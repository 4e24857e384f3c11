# The gateway's image: the sources as they are, production packages, Node.js. Test: test/ops/image.test.ts runs these steps in a plain folder.
# Build: docker build --tag sallyport:0.1.0 .        What it needs at run time is in docs/operations.md.
# Both stages name the same base; give a digest (node@sha256:...) for builds that can be repeated byte for byte.
ARG NODE_IMAGE=node:26-trixie-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /opt/sallyport
COPY .npmrc package.json package-lock.json ./
# No script of a package runs. The packaged Node.js (optional) is for machines without one; the base has its own.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
COPY bin ./bin
COPY src ./src
COPY config ./config
COPY scripts/list-licences.mjs scripts/warm-compile-cache.mjs ./scripts/
# What is inside, for scanners (CycloneDX) and for lawyers.
# npm's list from the lock file alone leaves out what tests use too; so it lists what is installed, and what is not is no longer asked for.
RUN npm pkg delete devDependencies optionalDependencies && npm sbom --sbom-format=cyclonedx > sbom.cdx.json
RUN node scripts/list-licences.mjs > licences.txt
# Machine code of other systems, declarations for editors and what only the build needed.
RUN find node_modules -type d -path '*/prebuilds/*' -prune ! -name "linux-$(node -p process.arch)" -exec rm -rf {} + \
 && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' -o -name '*.bare' \) -delete \
 && rm -f scripts/list-licences.mjs node_modules/.package-lock.json
# What a start compiles, once and for every account: where it runs nothing can be written.
RUN node scripts/warm-compile-cache.mjs && chmod -R a+rX node_modules/.cache && rm -rf scripts

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="Sallyport" \
      org.opencontainers.image.description="A guarded double door for a CRM that holds patient data"
ENV NODE_ENV=production
# npm, yarn and their caches have no business beside patient data.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-v* \
 && install -d -o 65532 -g 65532 -m 0700 /var/lib/sallyport
COPY --from=build /opt/sallyport /opt/sallyport
# A number, so that Kubernetes can prove runAsNonRoot. The root file system may be read-only: only the data directory is written to.
USER 65532:65532
WORKDIR /var/lib/sallyport
VOLUME ["/var/lib/sallyport"]
EXPOSE 8443 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s --retries=3 CMD ["node", "/opt/sallyport/bin/health.js"]
ENTRYPOINT ["node", "/opt/sallyport/bin/sallyport.js"]
CMD ["serve", "--config", "/etc/sallyport/gateway.yaml"]
