// One measured run of load: by wrk over HTTP/1.1, by h2load over HTTP/2 and at a fixed rate. Every answer is checked for status and length.
import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface LoadResult {
  readonly requestsPerSecond: number
  readonly requests: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** CPU time of the peer a request, microseconds; NaN when its process id is unknown. */
  readonly cpuMicros: number
}

// Counts answers that are not what was asked for, in every thread, and prints one line of JSON at the end.
const script = ({ from, to }: Length) => `
wrong = 0
local threads = {}
function setup(thread) table.insert(threads, thread) end
function response(status, headers, body) if status ~= 200 or #body < ${from} or #body > ${to} then wrong = wrong + 1 end end
function done(summary, latency, requests)
  local all = 0
  for _, thread in ipairs(threads) do all = all + thread:get("wrong") end
  local e = summary.errors
  io.write(string.format('RESULT {"requests":%d,"micros":%d,"wrong":%d,"errors":%d,"p50":%f,"p99":%f}\\n',
    summary.requests, summary.duration, all, e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end
`

/** CPU time of a process and its children so far, in microseconds (Linux; clock ticks of 10 ms). */
export function cpuMicros (processIds: readonly number[]): number {
  let ticks = 0
  for (const id of processIds) {
    const fields = readFileSync(`/proc/${id}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
    ticks += Number(fields[11]) + Number(fields[12])
  }
  return ticks * 10_000
}

export interface LoadTarget {
  /** On 127.0.0.1. */
  readonly url: string
  readonly port: number
  /** The name that it is asked by. */
  readonly host: string
  readonly headers: Readonly<Record<string, string>>
  readonly processIds: readonly number[]
}

/** Of one answer. */
export const answerBytes = 4096

/** Of an answer's content, in bytes; packed content differs a little from time to time. */
export interface Length { readonly from: number, readonly to: number }

export interface LoadOptions { readonly seconds: number, readonly connections: number, readonly directory: string, readonly length?: Length }

/** Runs wrk for `seconds` with `connections`, pinned to the second core. Throws when an answer was wrong. */
export async function measureLoad (target: LoadTarget, options: LoadOptions): Promise<LoadResult> {
  const scriptFile = join(options.directory, 'check.lua')
  writeFileSync(scriptFile, script(options.length ?? { from: answerBytes, to: answerBytes }))
  const headers = Object.entries({ Host: `${target.host}:${target.port}`, ...target.headers }).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const before = cpuMicros(target.processIds)
  const { stdout } = await run('taskset', ['-c', '1', 'wrk', '-t', '1', '-c', String(options.connections), '-d', `${options.seconds}s`, '-s', scriptFile, ...headers, target.url])
  const used = cpuMicros(target.processIds) - before
  const line = /^RESULT (.*)$/m.exec(stdout)?.[1]
  if (line === undefined) throw new Error(`wrk gave no result:\n${stdout}`)
  const result = JSON.parse(line) as { requests: number, micros: number, wrong: number, errors: number, p50: number, p99: number }
  if (result.wrong + result.errors > 0) throw new Error(`${target.url}: ${result.wrong} wrong answers and ${result.errors} broken connections of ${result.requests}`)
  return {
    requests: result.requests,
    requestsPerSecond: result.requests / (result.micros / 1e6),
    p50Ms: result.p50 / 1000,
    p99Ms: result.p99 / 1000,
    cpuMicros: target.processIds.length === 0 ? Number.NaN : used / result.requests,
  }
}

interface StreamsOptions {
  readonly requests: number
  readonly connections: number
  /** HTTP/2 streams of a connection; 0: HTTP/1.1. */
  readonly streams: number
  /** Requests a second in all; undefined: as fast as they are answered. */
  readonly rate?: number
  readonly directory: string
}

/** Runs h2load for so many requests. Throws when an answer was wrong or missing. */
export async function measureStreams (target: LoadTarget, options: StreamsOptions): Promise<LoadResult> {
  const { requests, connections, streams, rate, directory } = options
  const log = join(directory, 'h2load.log')
  rmSync(log, { force: true })
  const protocol = streams === 0 ? ['--h1'] : ['-m', String(streams)]
  const pace = rate === undefined ? [] : [`--rps=${(rate / connections).toFixed(3)}`]
  const headers = Object.entries(target.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const url = `${target.url.startsWith('https') ? 'https' : 'http'}://${target.host}:${target.port}/`
  const before = cpuMicros(target.processIds)
  const { stdout } = await run('taskset', ['-c', '1', 'h2load', '-t', '1', '-c', String(connections), '-n', String(requests), ...protocol, ...pace, `--connect-to=127.0.0.1:${target.port}`, `--log-file=${log}`, ...headers, url], { timeout: 120_000 })
  const used = cpuMicros(target.processIds) - before
  const micros = readAnswers(log, requests, url)
  const bytes = Number(/\((\d+)\) data/.exec(stdout)?.[1])
  if (bytes !== requests * answerBytes) throw new Error(`${url}: ${bytes} bytes of content in ${requests} answers\n${stdout}`)
  const seconds = /finished in ([\d.]+)(ms|us|s)/.exec(stdout)
  const took = Number(seconds?.[1]) / (seconds?.[2] === 'ms' ? 1000 : seconds?.[2] === 'us' ? 1e6 : 1)
  return {
    requests,
    requestsPerSecond: requests / took,
    p50Ms: (micros[Math.floor(micros.length * 0.5)] as number) / 1000,
    p99Ms: (micros[Math.floor(micros.length * 0.99)] as number) / 1000,
    cpuMicros: target.processIds.length === 0 ? Number.NaN : used / requests,
  }
}

/** How long each answer took, sorted: one line each with when it was asked for, its status and its time. */
function readAnswers (log: string, requests: number, url: string): readonly number[] {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n').map(line => line.split('\t').map(Number))
  const wrong = lines.filter(([, status]) => status !== 200).length
  if (lines.length !== requests || wrong > 0) throw new Error(`${url}: ${lines.length} answers to ${requests} requests, ${wrong} of them wrong`)
  return lines.map(([, , micros]) => micros as number).sort((a, b) => a - b)
}

export function median (values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] as number : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}
