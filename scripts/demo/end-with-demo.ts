// Loaded into the demo's gateway before its own program: when the demo is gone, however it went, the gateway ends too and takes the throw-away
// directory with it. It changes nothing else of what people run.
import { rmSync } from 'node:fs'
import { basename, dirname } from 'node:path'

const directory = dirname(process.argv.at(-1) ?? '')

// The demo holds the other end and never writes: the end of this pipe is the end of the demo.
process.stdin.once('end', () => {
  if (basename(directory).startsWith('sallyport-demo-')) process.once('exit', () => { rmSync(directory, { recursive: true, force: true }) })
  process.kill(process.pid, 'SIGTERM')
})
// What the demo no longer reads must not end the gateway before its trail is flushed.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
process.stdin.resume()
// Waiting for that alone keeps no process alive.
process.stdin.unref()
