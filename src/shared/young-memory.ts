// V8's memory for young objects, told what this process knows of it: what the start leaves there is garbage, and so is every buffer that streamed through.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const everyBytes = 8 * 1024 ** 2
/** Shorter ones come with answers so short that the objects around them fill the young generation first. */
const shortestBytes = 16 * 1024

// What --expose-gc gives, for this module alone. A smaller young generation (--max-semi-space-size) would do the same and cost a quarter of the throughput.
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as (options: { readonly type: 'minor' } | { readonly type: 'major', readonly flavor: 'last-resort' }) => void

let passed = 0

/**
 * Call it with the length in bytes of each buffer that passed and is not needed any more. V8 collects young objects when they are many, but buffers
 * are few and large: up to 64 MiB of dead ones would stay. A collection of the young ones alone takes about a millisecond.
 */
export function countPassed (bytes: number): void {
  if (bytes < shortestBytes) return
  passed += bytes
  if (passed < everyBytes) return
  passed = 0
  collect({ type: 'minor' })
}

/** Once the start is over: `bin/sallyport.js` kept the young generation small for it, because what it grows to then is never given back. */
export function letYoungGrow (): void {
  setFlagsFromString('--semi-space-growth-factor=2')
  // What only the start needed: 8 MiB, most of it compiled code that ran once. It takes a tenth of a second, before anybody is there.
  collect({ type: 'major', flavor: 'last-resort' })
}
