#!/usr/bin/env node
// Asks the gateway on this machine whether it is ready, and says so with its exit code. It needs no shell, no curl and none of our packages.
// SALLYPORT_HEALTH_URL names another address than the default of listeners.health.
const url = process.env.SALLYPORT_HEALTH_URL || 'http://127.0.0.1:9090/ready'
const timeoutMs = 2500

/** Names the parts that are not ready; the listener never says about whom. */
async function ask () {
  const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' })
  const { status, parts = [] } = await answer.json()
  const red = parts.filter(part => !part.ok).map(part => `${part.name}: ${part.detail}`)
  return { ok: answer.ok, text: [status ?? answer.status, ...red].join('; ') }
}

try {
  const { ok, text } = await ask()
  process.stdout.write(`${text}\n`)
  process.exitCode = ok ? 0 : 1
} catch (error) {
  process.stderr.write(`No answer from ${url} (${error?.cause?.code ?? error?.name}): is the gateway up, and is this where listeners.health listens? SALLYPORT_HEALTH_URL names another address.\n`)
  process.exitCode = 1
}
