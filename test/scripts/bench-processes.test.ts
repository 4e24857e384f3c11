// What the bench started ends with it, whatever signal ends the bench: a child that went on would have one of the two cores of the next run.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root } from '../architecture/sources.ts'

const script = `
import { endOnSignals, endWithBench, makeDirectory } from ${JSON.stringify(join(root, 'bench/processes.ts'))}
import { spawn } from 'node:child_process'
endOnSignals()
const directory = makeDirectory()
const child = endWithBench(spawn(process.execPath, ['--eval', 'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)'], { stdio: ['ignore', 'pipe', 'inherit'] }))
child.stdout.once('data', () => { console.log(JSON.stringify({ pid: child.pid, directory })) })
`

/** One that ended and whose new parent has not asked about it yet (a zombie) is not running: a container's first process can be slow at that. */
function isRunning (pid: number): boolean {
  try { return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) } catch { return false }
}

for (const [signal, code] of [['SIGTERM', 143], ['SIGINT', 130], ['SIGHUP', 129]] as const) {
  t.test(`${signal} ends the children, one that does not listen too, and takes the directory away`, async t => {
    const bench = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    t.teardown(() => { bench.kill('SIGKILL') })
    const [line] = await once(bench.stdout, 'data') as [Buffer]
    const { pid, directory } = JSON.parse(String(line)) as { readonly pid: number, readonly directory: string }
    t.ok(isRunning(pid) && existsSync(directory), 'before')
    const ended = once(bench, 'close')
    bench.kill(signal)
    t.same((await ended)[0], code)
    for (let turn = 0; turn < 100_000 && isRunning(pid); turn += 1) await new Promise(resolve => { setImmediate(resolve) })
    t.notOk(isRunning(pid))
    t.notOk(existsSync(directory))
  })
}
