// One process a core: starts the workers of a gateway, starts a new one for each that dies, passes signals on, and answers for all of them on the health port.
// It sees no request and no record.
import type { ChildProcess } from 'node:child_process'
import type { HealthDeps, HealthListener } from '../health/health.ts'
import type { Clock } from '../shared/clock.ts'
import type { Logger } from '../shared/log.ts'
import { mergeMetrics, metricsType } from './merge-metrics.ts'

export interface WorkersOptions {
  readonly workers: number
  readonly createHealth: (deps: HealthDeps) => HealthListener
  readonly clock: Clock
  readonly log: Logger
  /** Starts the process of a worker, from 1; it sends a `WorkerMessage` when it listens. */
  readonly start: (worker: number) => ChildProcess
  /** Resolves with the signal that ends all. */
  readonly stopped: Promise<NodeJS.Signals>
  /** Calls back when the workers are to read their configuration again. */
  readonly onReload: (reload: () => void) => void
}

/** What a worker tells: its own health port. */
export interface WorkerMessage { readonly listening: { readonly publicPort: number, readonly healthPort: number } }

interface Worker {
  readonly number: number
  child: ChildProcess
  healthPort: number | undefined
  startedAt: number
  /** Deaths one after the other, each soon after the start. */
  quickDeaths: number
}

const quickMs = 10_000
const longestPauseMs = 10_000
const askTimeoutMs = 1000

/** Runs until the signal; the exit code. One that fails before it ever listened ends all: its own message says why. */
export async function superviseWorkers (options: WorkersOptions): Promise<number> {
  const { workers: count, clock, log, start } = options
  const state = { isStopping: false }
  const workers: Worker[] = []
  for (let number = 1; number <= count; number += 1) {
    const worker: Worker = { number, child: start(number), healthPort: undefined, startedAt: clock.now(), quickDeaths: 0 }
    workers.push(worker)
    const code = await listening(worker)
    if (code === undefined) continue
    await stopAll(workers)
    return code
  }
  const health = options.createHealth({ metrics: { contentType: metricsType, render: () => gatherMetrics(workers) }, parts: { workers: () => askAll(workers) } })
  await health.listen()
  for (const worker of workers) watch(worker)
  options.onReload(() => { for (const { child } of workers) child.kill('SIGHUP') })
  log.info('workers.started', { workers: count })
  const signal = await options.stopped
  log.info('workers.stopping', { signal })
  state.isStopping = true
  const code = await stopAll(workers)
  await health.close()
  return code

  function watch (worker: Worker): void {
    worker.child.once('exit', (code, signal) => {
      if (state.isStopping) return
      worker.healthPort = undefined
      worker.quickDeaths = clock.now() - worker.startedAt < quickMs ? worker.quickDeaths + 1 : 0
      log.error('worker.ended', { worker: worker.number, code: code ?? undefined, signal: signal ?? undefined })
      const pauseMs = worker.quickDeaths === 0 ? 0 : Math.min(longestPauseMs, 250 * 2 ** worker.quickDeaths)
      clock.after(pauseMs, () => { if (!state.isStopping) startAgain(worker) })
    })
  }

  function startAgain (worker: Worker): void {
    worker.child = start(worker.number)
    worker.startedAt = clock.now()
    void listening(worker)
    watch(worker)
  }
}

/** Resolves when it listens, or with the exit code when it ended before. */
async function listening (worker: Worker): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  const { child } = worker
  child.on('message', (message: unknown) => {
    if (!isListening(message)) return
    worker.healthPort = message.listening.healthPort
    resolve(undefined)
  })
  child.once('exit', code => { resolve(code ?? 1) })
  return await promise
}

function isListening (message: unknown): message is WorkerMessage {
  return typeof message === 'object' && message !== null && 'listening' in message
}

/** The largest of their exit codes. */
async function stopAll (workers: readonly Worker[]): Promise<number> {
  const codes = await Promise.all(workers.map(async ({ child }) => {
    if (child.exitCode !== null || child.signalCode !== null) return 0
    const { promise, resolve } = Promise.withResolvers<number>()
    child.once('exit', code => { resolve(code ?? 1) })
    child.kill('SIGTERM')
    return await promise
  }))
  return Math.max(0, ...codes)
}

/** Ready while one of them is: connections go to those that listen. */
async function askAll (workers: readonly Worker[]): Promise<{ readonly ok: boolean, readonly detail: string }> {
  const answers = await Promise.all(workers.map(async ({ number, healthPort }) => {
    const answer = healthPort === undefined ? undefined : await ask(healthPort, '/ready')
    return { number, isReady: answer?.ok === true, why: answer === undefined ? 'it does not answer' : answer.ok ? '' : describeParts(answer.text) }
  }))
  const ready = answers.filter(({ isReady }) => isReady).length
  const rest = answers.filter(({ isReady }) => !isReady).map(({ number, why }) => `worker ${number}: ${why}`)
  return { ok: ready > 0, detail: [`${ready} of ${workers.length} workers are ready`, ...rest].join('; ') }
}

function describeParts (text: string): string {
  try {
    const { parts } = JSON.parse(text) as { readonly parts: ReadonlyArray<{ readonly name: string, readonly ok: boolean, readonly detail: string }> }
    return parts.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`).join(', ')
  } catch { return 'it is not ready' }
}

async function gatherMetrics (workers: readonly Worker[]): Promise<string> {
  const texts = await Promise.all(workers.map(async ({ number, healthPort }) => {
    const answer = healthPort === undefined ? undefined : await ask(healthPort, '/metrics')
    return { worker: number, text: answer?.ok === true ? answer.text : '' }
  }))
  return mergeMetrics(texts)
}

async function ask (port: number, path: string): Promise<{ readonly ok: boolean, readonly text: string } | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(askTimeoutMs) })
    return { ok: answer.ok, text: await answer.text() }
  } catch { return undefined } // it is starting, or ending
}
